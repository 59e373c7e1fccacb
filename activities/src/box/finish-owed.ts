import type { BoxContext } from './box-context.ts';
import { type LedgerRow, ledgerColumns } from './ledger.ts';
import { removeVolumes } from './remove-volumes.ts';
import { stopBox } from './stop-box.ts';

const AT_ONCE = 20;
const STOP_LIMIT_MS = 20_000;
/** A box being stopped for longer than any settle takes has nobody left who stops it. */
const ABANDONED_SECONDS = 300;
/** Another worker of this host leaves a box alone for so long once one has taken it. */
const LEASE_SECONDS = 60;

/** Tries again to stop the boxes this host owes, and those that everybody has forgotten. */
export async function finishOwedBoxes(context: BoxContext): Promise<{ gone: number; owed: number }> {
  await abandonStale(context);
  const boxes = await takeDue(context);
  const { signal } = new AbortController();
  const debts = await Promise.all(
    boxes.map(async (box) => {
      const debt = await stopBox(context, box, { limitMs: STOP_LIMIT_MS, signal });
      if (debt === undefined) await clearRemoved(context, box.workspaceId);
      return debt;
    }),
  );
  const owed = debts.filter((debt) => debt !== undefined).length;
  return { gone: debts.length - owed, owed };
}

/** A box that never came up, of an operation that has ended, is nobody's. */
async function abandonStale({ db, owner, host }: BoxContext): Promise<void> {
  const stale = await db.$queryRaw<{ id: string; workspace_id: string }[]>`
    SELECT b.id, b.workspace_id FROM boxes b
    WHERE b.owner = ${owner} AND b.host = ${host} AND b.state = 'creating'
      AND b.created_at < clock_timestamp() - ${ABANDONED_SECONDS} * interval '1 second'
      AND NOT EXISTS (SELECT 1 FROM operations o WHERE o.id = b.operation_id AND o.state IN ('accepted', 'running'))
    LIMIT ${AT_ONCE}`;
  for (const { id, workspace_id: workspaceId } of stale) {
    await db.$transaction(async (tx) => {
      await tx.$executeRaw`SELECT 1 FROM workspaces WHERE id = ${workspaceId}::uuid FOR NO KEY UPDATE`;
      await tx.$executeRaw`UPDATE workspaces SET box_id = NULL, box_operation_id = NULL WHERE id = ${workspaceId}::uuid AND box_id = ${id}::uuid`;
      await tx.$executeRaw`
        UPDATE boxes SET state = 'owed', owed_reason = 'its operation ended without it', next_attempt_at = clock_timestamp(),
          stopping_at = clock_timestamp()
        WHERE id = ${id}::uuid AND state = 'creating'`;
    });
  }
}

/** The boxes that are due, taken so that two workers of a host do not both try. */
async function takeDue({ db, owner, host }: BoxContext): Promise<LedgerRow[]> {
  return db.$queryRaw<LedgerRow[]>`
    UPDATE boxes SET next_attempt_at = clock_timestamp() + ${LEASE_SECONDS} * interval '1 second'
    WHERE id IN (
      SELECT id FROM boxes
      WHERE owner = ${owner} AND host = ${host} AND coalesce(next_attempt_at, '-infinity') <= clock_timestamp()
        AND (state = 'owed' OR (state = 'stopping' AND stopping_at < clock_timestamp() - ${ABANDONED_SECONDS} * interval '1 second'))
      ORDER BY next_attempt_at NULLS FIRST LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED
    )
    RETURNING ${ledgerColumns}`;
}

/** The delete that could not stop the box has left the volumes to us; a purge was not carried out, so the work stays. */
async function clearRemoved(context: BoxContext, workspaceId: string): Promise<void> {
  const [removed] = await context.db.$queryRaw<unknown[]>`
    SELECT 1 FROM workspaces w WHERE w.id = ${workspaceId}::uuid AND w.status = 'removed'
      AND NOT EXISTS (SELECT 1 FROM boxes b WHERE b.workspace_id = w.id AND b.state <> 'gone')`;
  if (removed) await removeVolumes(context, { workspaceId, purge: false });
}
