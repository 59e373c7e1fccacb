import { recordTick } from '@holdfast/activities/loop/loop-records';
import { superviseLoop } from '@holdfast/activities/loop/supervised-loop';
import { dispatch } from '@holdfast/activities/operation/dispatcher';
import type { LoopParts } from './loop-parts.ts';

/** The loops this process runs by itself; resolves when the signal has aborted and all have ended. */
export async function runOwnLoops({ config, db, poker, log, observe }: LoopParts, signal: AbortSignal): Promise<void> {
  const onFailure = (name: string) => (error: unknown) =>
    log.warn({ err: error, loop: name }, 'a loop failed and goes on');
  await Promise.all([
    superviseLoop(
      {
        name: 'dispatcher',
        periodMs: config.DISPATCH_INTERVAL_MS,
        onFailure: onFailure('dispatcher'),
        async tick() {
          const { failed } = await dispatch(db, poker);
          await recordTick(db, 'dispatcher', config.DISPATCH_INTERVAL_MS);
          if (failed > 0) log.warn({ failed }, 'pokes failed; they are repeated');
        },
      },
      signal,
    ),
    superviseLoop(
      { name: 'presence', periodMs: config.PRESENCE_INTERVAL_MS, onFailure: onFailure('presence'), tick: observe },
      signal,
    ),
  ]);
}
