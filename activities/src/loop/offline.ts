import type { Tx } from '@holdfast/prisma';
import { hasOwnBox } from '@holdfast/workflows/workspace/status';
import { openOwner } from '../operation/operation-row.ts';
import { lockUnderAncestors } from '../workspace/guards.ts';
import { hasNoOwner } from '../workspace/open-owner-sql.ts';
import { requestRestartAfter } from '../workspace/request-restart.ts';
import { type LoopContext, rowByRow } from './row-by-row.ts';

/** Most rows of one tick; the next one is near. */
const BATCH = 500;

/**
 * Brings back what is offline and stays so: the restart that was asked for when it went offline may have been dropped,
 * so soon after the one before, or was never asked for because somebody died. What its guards refuse is asked again at
 * the next tick.
 */
export async function restartOffline(context: LoopContext): Promise<{ restarted: number; failed: number }> {
  // In any order: rows that may not be restarted now must not keep others from their turn for ever.
  const offline = await context.db.$queryRaw<{ id: string; runtime: string }[]>`
    SELECT id, runtime FROM workspaces w WHERE status = 'offline' AND ${hasNoOwner} ORDER BY random() LIMIT ${BATCH}`;
  const ids = offline.filter(({ runtime }) => hasOwnBox(runtime)).map(({ id }) => id);
  return rowByRow(context, 'offline-restarts', ids, ['restarted'], async (tx, id) =>
    (await restart(tx, id)) ? { as: 'restarted', poke: true } : null,
  );
}

async function restart(tx: Tx, workspaceId: string): Promise<boolean> {
  const workspace = await lockUnderAncestors(tx, workspaceId);
  if (workspace?.status !== 'offline' || (await openOwner(tx, workspace))) return false;
  const reason = 'it is offline';
  return (
    (await requestRestartAfter(tx, { workspaceId, actor: 'loop:offline-restarts', reason, cause: 'health' })) !== null
  );
}
