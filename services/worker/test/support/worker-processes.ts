import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import type { ControlPlaneSettings } from '@holdfast/activities/control-plane/control-plane';
import { bareEnvironment } from '@holdfast/infra/process/bare-environment';
import type { Durations, Names } from './compose.ts';
import type { Moods } from './property/engine.ts';

/** Where the clouds are, and where machines there find the gateway. */
export interface CloudSettings {
  readonly controlPlane: ControlPlaneSettings;
  readonly orgId: string;
  readonly platformUrl: string;
  /** Its steps are noted, and the machines watched as in production. */
  readonly isWatched?: boolean;
}

/** What a worker process is told, in its environment. */
export interface WorkerSettings {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly bundle: string;
  readonly names: Names;
  readonly host: string;
  /** Holds the boxes and the planned faults. */
  readonly directory: string;
  readonly encryptionKey: string;
  readonly durations: Durations;
  /** Boxes are machines in clouds; left out, they are files. */
  readonly clouds?: CloudSettings;
  /** An engine that lets its callers down by chance; left out, it does so only as planned. */
  readonly moods?: Moods & { readonly seed: number };
}

export interface WorkerProcesses extends AsyncDisposable {
  /** How many have died and were started again. */
  readonly deaths: () => number;
  /** Kills one of those that run, without a word. */
  kill(luck: () => number): void;
}

/** Runs workers as processes of their own, and starts another whenever one dies, as a supervisor does. */
export async function startWorkerProcesses(
  count: number,
  settings: WorkerSettings,
  onDeath: (pid: number) => void = () => undefined,
): Promise<WorkerProcesses> {
  const slots: (ChildProcess | undefined)[] = Array.from({ length: count });
  let stopping = false;
  let deaths = 0;

  const start = (slot: number): Promise<void> => {
    const child = spawn(process.execPath, [path.join(import.meta.dirname, 'worker-process.ts')], {
      env: { ...bareEnvironment(), TEST_WORKER: JSON.stringify(settings) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    slots[slot] = child;
    child.once('exit', () => {
      slots[slot] = undefined;
      if (stopping) return;
      deaths += 1;
      onDeath(child.pid ?? 0);
      void start(slot);
    });
    return new Promise((resolve) => child.stdout?.once('data', () => resolve()));
  };

  await Promise.all(slots.map((_, slot) => start(slot)));
  return {
    deaths: () => deaths,
    kill(luck) {
      const live = slots.filter((child) => child !== undefined);
      live[Math.floor(luck() * live.length)]?.kill('SIGKILL');
    },
    async [Symbol.asyncDispose]() {
      stopping = true;
      await Promise.all(slots.flatMap((child) => (child ? [end(child)] : [])));
    },
  };
}

/** Asks first; a worker that is still starting has nothing to put away. */
function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    const impatience = setTimeout(() => child.kill('SIGKILL'), 5_000);
    child.once('exit', () => {
      clearTimeout(impatience);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
