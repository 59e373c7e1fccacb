import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';

export interface Loop {
  readonly name: string;
  readonly everyMs: number;
  tick(signal: AbortSignal): Promise<void>;
}

const FIRST_BACK_OFF_MS = 1_000;
const LONGEST_BACK_OFF_MS = 30_000;

/** Runs a loop until the signal comes. A tick that fails is logged and repeated, ever later; it never ends the loop. */
export async function supervise(db: Database, loop: Loop, log: Logger, signal: AbortSignal): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      await loop.tick(signal);
      await db.rows(
        `INSERT INTO control_plane.loops (name, last_tick_at) VALUES ($1, now())
         ON CONFLICT (name) DO UPDATE SET last_tick_at = EXCLUDED.last_tick_at`,
        [loop.name],
      );
      failures = 0;
    } catch (error) {
      failures += 1;
      log.error({ err: error, loop: loop.name }, 'a tick has failed');
    }
    const wait = failures === 0 ? loop.everyMs : Math.min(FIRST_BACK_OFF_MS * 2 ** (failures - 1), LONGEST_BACK_OFF_MS);
    await pause(wait, undefined, { signal }).catch(() => undefined);
  }
}
