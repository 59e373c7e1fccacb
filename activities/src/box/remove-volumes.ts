import { setTimeout as pause } from 'node:timers/promises';
import type { BoxContext } from './box-context.ts';

/** A container that is still being removed holds its volumes: with doubling pauses, six tries wait for that long enough. */
const TRIES = 6;

/**
 * Removes what a deleted workspace left on this host. A volume that stays costs disk, nothing else: it fails no delete,
 * and the log says so.
 */
export async function removeVolumes(
  context: BoxContext,
  order: { workspaceId: string; purge: boolean },
): Promise<void> {
  const { dispatcher, settings, log } = context;
  for (let left = TRIES; left > 0; left--) {
    try {
      await dispatcher.removeVolumes(order.workspaceId, { purge: order.purge });
      return;
    } catch (error) {
      log.warn(
        { workspaceId: order.workspaceId, cause: String(error), left: left - 1 },
        'volumes of a deleted workspace were not removed',
      );
      if (left > 1) await pause(settings.stopRetryMs.first * 2 ** (TRIES - left));
    }
  }
}
