import { setTimeout as pause } from 'node:timers/promises';
import { BackendError } from '../backend-error.ts';
import { BOX_VARIABLE, findProcess } from './find.ts';
import { isAlive, processesWith, send } from './process-table.ts';
import type { ProcessState } from './state.ts';

const LOOK_MS = 10;
const KILL_LIMIT_MS = 5_000;

/**
 * Ends the process of a box and everything it has started: asks its group, waits `graceMs`, then forces it. What has
 * left the group is found by the environment it inherited.
 * @throws BackendError failed when something is still alive
 */
export async function endProcess(state: ProcessState, graceMs: number): Promise<void> {
  const found = findProcess(state);
  if (found) {
    send(-found.pid, 'SIGTERM');
    await until(() => !isAlive(found), graceMs);
    send(-found.pid, 'SIGKILL');
    await until(() => !isAlive(found), KILL_LIMIT_MS);
  }
  const left = () => processesWith(`${BOX_VARIABLE}=${state.boxId}`);
  for (const pid of left()) send(pid, 'SIGKILL');
  if (!(await until(() => left().length === 0, KILL_LIMIT_MS))) {
    throw new BackendError('failed', `process: box ${state.boxId} is still alive`);
  }
}

async function until(condition: () => boolean, limitMs: number): Promise<boolean> {
  for (const end = Date.now() + limitMs; !condition(); await pause(LOOK_MS)) if (Date.now() >= end) return false;
  return true;
}
