import { mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { isAlive, startMark } from '@holdfast/activities/box/process/process-table';
import { StartFailure } from '../failure.ts';

/**
 * Makes sure that one launcher at a time works on a data folder. The lock is a link that names its owner's process and
 * when that started: it comes into being whole, and one whose owner was killed is seen as such.
 * @returns what gives the lock back
 * @throws StartFailure when another one runs
 */
export function lockData(data: string): () => void {
  mkdirSync(data, { recursive: true });
  const file = path.join(data, 'launcher.lock');
  const mine = `${process.pid} ${startMark(process.pid)}`;
  for (;;) {
    try {
      symlinkSync(mine, file);
      return () => {
        if (ownerOf(file) === mine) rmSync(file, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = ownerOf(file);
    if (owner === undefined) continue;
    const [, pid, mark] = /^(\d+) (.*)$/.exec(owner) ?? [];
    if (isAlive({ pid: Number(pid), mark: mark ?? '' })) {
      throw new StartFailure(
        `Holdfast runs here already (process ${pid}): stop it with Ctrl-C, or set HOLDFAST_DATA_DIR to another folder to run a second one.`,
      );
    }
    rmSync(file, { force: true });
  }
}

function ownerOf(file: string): string | undefined {
  try {
    return readlinkSync(file);
  } catch {
    return undefined;
  }
}
