import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { bareEnvironment } from '../../process/bare-environment.ts';
import { root } from '../../root.ts';
import type { Machine } from './cloud.ts';

export interface MachineOptions {
  readonly machine: Machine;
  /** Its disk. */
  readonly directory: string;
  /** What it says goes to its console. */
  readonly say: (text: string) => void;
}

export interface RunningMachine {
  /** The number of the agent's process; undefined while there is none. */
  readonly pid: () => number | undefined;
  /** Takes the power away. */
  end(): Promise<void>;
}

interface BootPackage {
  readonly env: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
}

const AGENT = path.join(root, 'services/agent/src/main.ts');
const AGENT_PORT = '8000';
const AGAIN_MS = 100;
const MOST_TRIES = 50;

/** Boots a machine: its nonce is in its user data, its environment behind it, and its agent is the repository's own. */
export function startMachine({ machine, directory, say }: MachineOptions): RunningMachine {
  const off = new AbortController();
  let child: ChildProcess | undefined;
  let isOver = false;

  const boot = async (): Promise<void> => {
    const url = valueOf(machine.userData, 'BOOT_URL');
    const nonce = valueOf(machine.userData, 'BOOT_NONCE');
    if (url === undefined || nonce === undefined) return say('no boot address in the user data\n');
    say('booting\n');
    const fail = async (why: string): Promise<void> => {
      say(`holdfast: boot failed: ${why}\n`);
      const headers = { 'x-holdfast-nonce': nonce, 'content-type': 'text/plain' };
      await fetch(`${url}/failed`, { method: 'POST', headers, body: `boot failed: ${why}\n`, signal: off.signal });
    };
    const boot = await fetchPackage(url, nonce, off.signal);
    if (boot === undefined) return await fail('the environment could not be fetched');
    child = startAgent(boot, machine, directory);
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => say(chunk.toString()));
    const [code] = (await once(child, 'exit')) as [number | null];
    if (!isOver) await fail(`the agent ended with code ${code}`);
  };

  const life = boot().catch((error: unknown) => {
    if (!isOver) say(`${String(error)}\n`);
  });
  return {
    pid: () => (child?.exitCode === null && child.signalCode === null ? child.pid : undefined),
    async end() {
      isOver = true;
      off.abort();
      child?.kill('SIGKILL');
      await life;
    },
  };
}

/** Tries as long as nobody answers, as its script does; a refusal is an answer. */
async function fetchPackage(url: string, nonce: string, signal: AbortSignal): Promise<BootPackage | undefined> {
  for (let tries = 1; ; tries += 1) {
    try {
      const answer = await fetch(url, { method: 'POST', headers: { 'x-holdfast-nonce': nonce }, signal });
      return answer.ok ? ((await answer.json()) as BootPackage) : undefined;
    } catch (error) {
      if (signal.aborted || tries === MOST_TRIES) throw error;
    }
    await pause(AGAIN_MS, undefined, { signal });
  }
}

function startAgent(boot: BootPackage, machine: Machine, directory: string): ChildProcess {
  const configs = path.join(directory, 'configs');
  mkdirSync(configs, { recursive: true, mode: 0o700 });
  for (const [name, content] of Object.entries(boot.files)) {
    const target = path.join(configs, name);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, Buffer.from(content, 'base64'), { mode: 0o600 });
  }
  return spawn(process.execPath, [AGENT], {
    env: {
      ...bareEnvironment(),
      // A container would have these folders and addresses to itself.
      AGENT_HOST: machine.address,
      AGENT_PORT,
      ...boot.env,
      WORKSPACE_CONFIG_PATH: configs,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

const valueOf = (userData: string, name: string): string | undefined =>
  new RegExp(`^${name}='(?<value>[^']*)'$`, 'm').exec(userData)?.groups?.['value'];
