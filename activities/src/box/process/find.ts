import { isAlive, processesWith, startMark } from './process-table.ts';
import type { ProcessState } from './state.ts';

export const BOX_VARIABLE = 'HOLDFAST_BOX';

export interface LiveProcess {
  readonly pid: number;
  readonly mark: string;
}

/**
 * The live process of a box. A worker that died between the spawn and the note of it leaves a process whose number
 * nobody wrote down: that one is found by what it was given.
 */
export function findProcess(state: ProcessState): LiveProcess | null {
  if (state.pid !== undefined && state.mark !== undefined) {
    const known = { pid: state.pid, mark: state.mark };
    return isAlive(known) ? known : null;
  }
  for (const pid of processesWith(`${BOX_VARIABLE}=${state.boxId}`)) {
    const mark = startMark(pid);
    if (mark !== null) return { pid, mark };
  }
  return null;
}
