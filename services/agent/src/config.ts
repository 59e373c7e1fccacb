import os from 'node:os';
import path from 'node:path';

/** What the agent is told by its box. */
export interface AgentConfig {
  readonly workspaceId: string;
  /** Directory with config.yaml and the credential files. */
  readonly configPath: string;
  readonly platformUrl: URL;
  /** Address to listen on; port 0 takes a free one. */
  readonly host: string;
  readonly port: number;
  /** The address to register; left out, it is made of host and port. */
  readonly url?: string;
  /** File to write the address into as soon as the agent listens. */
  readonly urlFile?: string;
  /** Proves who we are until the first register has brought a token. */
  readonly nonce?: string;
  readonly beatMs: number;
  readonly role: string;
}

/** @throws Error listing every variable that is missing or wrong */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): AgentConfig {
  const wrong: string[] = [];
  const text = (name: string): string | undefined => env[name]?.trim() || undefined;
  const required = (name: string): string => text(name) ?? (wrong.push(`${name} is not set`), '');
  const count = (name: string, fallback: number, least: number, most: number): number => {
    const value = Number(text(name) ?? fallback);
    if (Number.isFinite(value) && value >= least && value <= most) return value;
    wrong.push(`${name} must be a number from ${least} to ${most}`);
    return fallback;
  };
  const workspaceId = required('WORKSPACE_ID');
  const platform = text('PLATFORM_URL') ?? text('MOLECULE_URL') ?? '';
  if (!isHttp(platform)) wrong.push('PLATFORM_URL must be an http or https address');
  const port = count('AGENT_PORT', 8000, 0, 65_535);
  const beatSeconds = count('HOLDFAST_BEAT_SECONDS', 30, 0.01, 3_600);
  if (wrong.length > 0) throw new Error(wrong.join('; '));
  const url = text('AGENT_URL');
  const urlFile = text('HOLDFAST_URL_FILE');
  const nonce = text('HOLDFAST_NONCE');
  return {
    workspaceId,
    configPath: path.resolve(text('WORKSPACE_CONFIG_PATH') ?? '/configs'),
    platformUrl: new URL(platform),
    host: text('AGENT_HOST') ?? '0.0.0.0',
    port,
    ...(url ? { url } : {}),
    ...(urlFile ? { urlFile } : {}),
    ...(nonce ? { nonce } : {}),
    beatMs: beatSeconds * 1000,
    role: text('MOLECULE_AGENT_ROLE') ?? '',
  };
}

const isHttp = (value: string): boolean => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);

/** The address others reach this agent at. */
export function ownUrl(config: AgentConfig, port: number): string {
  if (config.url) return config.url;
  const anywhere = config.host === '0.0.0.0' || config.host === '::';
  return `http://${anywhere ? os.hostname() : config.host}:${port}`;
}
