import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { BackendError } from '../backend-error.ts';
import type { LiveProcess } from './find.ts';
import { isAlive } from './process-table.ts';
import { tailOf } from './tail.ts';

const LOOK_MS = 10;

/**
 * Waits for the address the agent has written down once it listens.
 * @throws BackendError crashed when it ended before; failed when it took longer than `limitMs`
 */
export async function awaitAddress(
  files: { url: string; log: string },
  live: LiveProcess,
  limitMs: number,
  signal: AbortSignal,
): Promise<string> {
  for (const until = Date.now() + limitMs; Date.now() < until; await pause(LOOK_MS)) {
    signal.throwIfAborted();
    const alive = isAlive(live);
    const url = await readFile(files.url, 'utf8').catch(() => '');
    if (!alive) throw new BackendError('crashed', `process: the agent ended: ${await tailOf(files.log, 2_000)}`);
    if (url) return url;
  }
  throw new BackendError('failed', `process: the agent did not listen within ${limitMs} ms`);
}
