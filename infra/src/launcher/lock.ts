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
  const other = take(file, mine);
  if (other !== null) {
    throw new StartFailure(
      `Holdfast runs here already (process ${other}): stop it with Ctrl-C, or set HOLDFAST_DATA_DIR to another folder to run a second one.`,
    );
  }
  return () => {
    if (ownerOf(file) === mine) rmSync(file, { force: true });
  };
}

/** Takes a lock; or the process that has it. */
function take(file: string, mine: string): string | null {
  for (;;) {
    try {
      symlinkSync(mine, file);
      return null;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = ownerOf(file);
    if (owner === undefined) continue;
    const [, pid = '', mark = ''] = /^(\d+) (.*)$/.exec(owner) ?? [];
    if (isAlive({ pid: Number(pid), mark })) return pid;
    // Between the look and the removal another launcher may have taken it: one at a time removes, and looks again first.
    const clearing = `${file}.clearing`;
    if (take(clearing, mine) !== null) continue;
    if (ownerOf(file) === owner) rmSync(file, { force: true });
    rmSync(clearing, { force: true });
  }
}

function ownerOf(file: string): string | undefined {
  try {
    return readlinkSync(file);
  } catch {
    return undefined;
  }
}
