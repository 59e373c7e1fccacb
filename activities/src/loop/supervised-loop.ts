import { setTimeout as delay } from 'node:timers/promises';

export interface SupervisedLoop {
  readonly name: string;
  readonly periodMs: number;
  tick(): Promise<void>;
  /** Called with what made a tick fail; the loop goes on after a growing pause. */
  onFailure(error: unknown): void;
}

const LONGEST_PAUSE_MS = 30_000;

/** How long a loop rests after a tick, in milliseconds: longer with every failure in a row. */
export const pauseAfter = (failures: number, periodMs: number): number =>
  failures === 0 ? periodMs : Math.min(LONGEST_PAUSE_MS, 1_000 * 2 ** (failures - 1));

/** Runs a loop inside this process until the signal aborts; a tick that fails is followed by a pause of 1 s to 30 s. */
export async function superviseLoop(loop: SupervisedLoop, signal: AbortSignal): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      await loop.tick();
      failures = 0;
    } catch (error) {
      failures += 1;
      loop.onFailure(error);
    }
    await delay(pauseAfter(failures, loop.periodMs), undefined, { signal }).catch(() => undefined);
  }
}
