import { setTimeout as pause } from 'node:timers/promises';
import { agentCard } from './agent-card.ts';
import { type AgentConfig, ownUrl } from './config.ts';
import { credentialFiles, replaceFile } from './credentials.ts';
import { type Platform, platform } from './platform.ts';
import { serve } from './server.ts';

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 10_000;

export type Log = (message: string, facts?: Record<string, unknown>) => void;

export interface Agent {
  readonly url: string;
  /** Ends beating and listening; what is being answered is finished first. */
  stop(): Promise<void>;
}

/** Starts the agent: it listens first, then registers until the platform has accepted it, then beats. */
export async function startAgent(config: AgentConfig, log: Log): Promise<Agent> {
  const began = Date.now();
  const ended = new AbortController();
  let registered = false;
  let url = '';
  const server = await serve(config.host, config.port, {
    card: () => agentCard(url, config.role),
    health: () => ({ status: 'ok', registered }),
  });
  url = ownUrl(config, server.port);
  if (config.urlFile) await replaceFile(config.urlFile, url);
  const registry = platform(config.platformUrl, credentialFiles(config.configPath), config.nonce, ended.signal);
  const life = (async () => {
    await register(
      registry,
      { id: config.workspaceId, url, agent_card: agentCard(url, config.role) },
      log,
      ended.signal,
    );
    registered = true;
    log('registered', { url });
    await beat(registry, config, log, ended.signal, () => ({
      active_tasks: server.active(),
      uptime_seconds: Math.floor((Date.now() - began) / 1000),
    }));
  })().catch((error: unknown) => {
    if (!ended.signal.aborted) throw error;
  });
  return {
    url,
    async stop() {
      ended.abort();
      await Promise.all([server.close(), life]);
    },
  };
}

/** Tries until it is accepted: an agent without a platform has nothing else to do. */
async function register(
  registry: Platform,
  body: Record<string, unknown>,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  for (let wait = FIRST_RETRY_MS; ; wait = Math.min(wait * 2, LONGEST_RETRY_MS)) {
    try {
      const { status } = await registry.call('register', body);
      if (status === 200) return;
      log('register was refused', { status, retry_ms: wait });
    } catch (error) {
      log('register did not reach the platform', { cause: (error as Error).message, retry_ms: wait });
    }
    await pause(wait, undefined, { signal });
  }
}

/** Beats for ever. A lost beat is not repeated: the next one says the same. */
async function beat(
  registry: Platform,
  config: AgentConfig,
  log: Log,
  signal: AbortSignal,
  facts: () => Record<string, number>,
): Promise<void> {
  for (;;) {
    await pause(config.beatMs, undefined, { signal });
    try {
      const body = { workspace_id: config.workspaceId, error_rate: 0, sample_error: '', current_task: '', ...facts() };
      const { status } = await registry.call('heartbeat', body);
      if (status !== 200) log('heartbeat was refused', { status });
    } catch (error) {
      log('heartbeat did not reach the platform', { cause: (error as Error).message });
    }
  }
}
