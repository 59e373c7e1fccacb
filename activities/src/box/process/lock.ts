import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BackendError } from '../backend-error.ts';
import { isAlive, startMark } from './process-table.ts';

const PAUSE_MS = 15;

interface Holder {
  readonly pid: number;
  readonly mark: string;
}

/**
 * Runs `work` while no other worker on this machine runs work under the same directory. A holder that died has let go.
 *
 * The lock is a chain of numbered files, each made whole in one step; the highest number holds. Taking over is making
 * the next number, which only one can: a file is never removed and made again under the same number while it counts.
 * @throws BackendError busy when it was not free within `waitMs`
 */
export async function withLock<T>(directory: string, waitMs: number, work: () => Promise<T>): Promise<T> {
  const mine = await acquire(directory, waitMs);
  try {
    return await work();
  } finally {
    await release(directory, mine);
  }
}

async function acquire(directory: string, waitMs: number): Promise<number> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const until = Date.now() + waitMs; Date.now() < until; await pause(PAUSE_MS)) {
    const top = (await numbers(directory)).at(-1) ?? 0;
    if (top > 0 && (await isHeld(directory, top))) continue;
    const mine = top + 1;
    if (!(await make(directory, mine))) continue;
    const all = await numbers(directory);
    // We looked long ago: others have taken and freed higher numbers since.
    if (all.at(-1) !== mine) {
      await rm(path.join(directory, String(mine)), { force: true });
      continue;
    }
    await Promise.all(all.slice(0, -1).map((number) => rm(path.join(directory, String(number)), { force: true })));
    return mine;
  }
  throw new BackendError('busy', `process: another worker holds ${directory}`);
}

async function numbers(directory: string): Promise<number[]> {
  const names = await readdir(directory);
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

async function isHeld(directory: string, number: number): Promise<boolean> {
  try {
    const holder = JSON.parse(await readFile(path.join(directory, String(number)), 'utf8')) as Holder | null;
    return holder !== null && isAlive(holder);
  } catch (error) {
    // Removed since we looked: somebody holds a higher number.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw error;
  }
}

/** Makes the numbered file with its content in one step; false when another was first. */
async function make(directory: string, number: number): Promise<boolean> {
  const partial = path.join(directory, `new-${randomUUID()}`);
  const holder: Holder = { pid: process.pid, mark: startMark(process.pid) ?? '' };
  await writeFile(partial, JSON.stringify(holder));
  try {
    await link(partial, path.join(directory, String(number)));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(partial, { force: true });
  }
}

async function release(directory: string, number: number): Promise<void> {
  const partial = path.join(directory, `new-${randomUUID()}`);
  try {
    await writeFile(partial, JSON.stringify(null));
    await rename(partial, path.join(directory, String(number)));
  } catch (error) {
    // A purge has removed the directory, and the lock with it.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
