import { setTimeout as pause } from 'node:timers/promises';
import type { BoxRef } from './backend.ts';
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
      const boxes = order.purge ? await lastInstances(context, order.workspaceId) : [];
      await dispatcher.removeVolumes(order.workspaceId, { purge: order.purge, boxes });
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

/** The newest instance of a workspace in every cloud that it has been in: disks are found by them. */
function lastInstances({ db, owner }: BoxContext, workspaceId: string): Promise<BoxRef[]> {
  return db.$queryRaw<BoxRef[]>`
    SELECT DISTINCT ON (provider) id AS "boxId", workspace_id AS "workspaceId", external_id AS "externalId", provider
    FROM boxes
    WHERE workspace_id = ${workspaceId}::uuid AND owner = ${owner} AND backend = 'control-plane'
      AND external_id IS NOT NULL AND state = 'gone'
    ORDER BY provider, created_at DESC`;
}
