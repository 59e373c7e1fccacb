import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { processesWith } from '@holdfast/activities/box/process/process-table';
import { processesNaming } from '../../src/process/command-lines.ts';
import { run } from '../../src/process/run.ts';
import { waitFor } from '../../src/process/wait-for.ts';
import { root } from '../../src/root.ts';

/** Longest a start may take in a test; milliseconds. */
const START_LIMIT_MS = 120_000;

/** One launcher at work on a data folder of its own. */
export interface Launched {
  readonly child: ChildProcess;
  readonly data: string;
  output(): string;
  /** Resolves once the output says so; fails when the launcher ends before that. */
  says(text: string): Promise<void>;
  /** Resolves with its exit code. */
  ended(): Promise<number | null>;
}

/** Folders and launchers of one test file, cleared together. */
export class Launches {
  private readonly all: Launched[] = [];
  private readonly folders: string[] = [];

  dataFolder(): string {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-launch-'));
    chmodSync(folder, 0o755);
    this.folders.push(folder);
    return folder;
  }

  start(data: string, options: { args?: string[]; env?: Record<string, string> } = {}): Launched {
    const { DATABASE_URL, TEMPORAL_ADDRESS, ...inherited } = process.env;
    const child = spawn(process.execPath, [path.join(root, 'infra/src/start.ts'), ...(options.args ?? [])], {
      env: { ...inherited, BACKEND: 'process', HOLDFAST_DATA_DIR: data, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
    const launched: Launched = {
      child,
      data,
      output: () => output,
      ended: () => closed,
      says: async (text) => {
        const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
        await waitFor(() => output.includes(text) || hasEnded(), { timeoutMs: START_LIMIT_MS, what: `"${text}"` });
        if (!output.includes(text)) throw new Error(`the launcher ended without "${text}":\n${output}`);
      },
    };
    this.all.push(launched);
    return launched;
  }

  /** Ends what a failed test left and removes every folder. */
  async clear(): Promise<void> {
    for (const { child } of this.all) child.kill('SIGTERM');
    await Promise.all(this.all.map((launched) => launched.ended()));
    for (const folder of this.folders) {
      for (const pid of processesOf(folder)) process.kill(pid, 'SIGKILL');
      await waitFor(() => processesOf(folder).length === 0);
      rmSync(folder, { recursive: true });
    }
  }
}

/** Runs the command line of the checkout against an installation, with none of the settings of whoever runs the tests. */
export function holdfast(
  data: string,
  words: string[],
  env: Record<string, string | undefined> = {},
): ReturnType<typeof run> {
  const { HOLDFAST_URL, HOLDFAST_TOKEN, HOLDFAST_TOKEN_FILE, ...inherited } = process.env;
  return run(path.join(root, 'bin/holdfast'), words, { env: { ...inherited, HOLDFAST_DATA_DIR: data, ...env } });
}

/** Everything that runs for an installation: its servers, its services and its boxes that are processes. */
export function processesOf(data: string): number[] {
  let boxesAndServices: number[] = [];
  try {
    boxesAndServices = processesWith(`HOLDFAST_OWNER=${ownerOf(data)}`);
  } catch {
    // It never got as far as an owner id.
  }
  return [...new Set([...processesNaming(data), ...boxesAndServices])];
}

export const ownerOf = (data: string): string => readFileSync(path.join(data, 'owner-id'), 'utf8').trim();

export const portsOf = (data: string): Record<string, number> =>
  JSON.parse(readFileSync(path.join(data, 'ports.json'), 'utf8')) as Record<string, number>;
