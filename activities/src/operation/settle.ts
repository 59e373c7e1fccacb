import type { Database, Tx } from '@holdfast/prisma';
import type { RunRef } from '@holdfast/workflows/operation/ports';
import { lockOwned } from './operation-row.ts';
import { recordStep } from './steps.ts';

/**
 * Marks every box of the workspace that may run as being stopped. From this commit on none of them counts: the row
 * names no current box, so a register or a beat of the old one finds nothing to change.
 */
export async function beginSettle(db: Database, run: RunRef): Promise<{ hosts: string[] } | null> {
  return db.$transaction(async (tx) => {
    const owned = await lockOwned(tx, run);
    if (!owned) return null;
    await stopBoxes(tx, run.workspaceId);
    const hosts = await tx.$queryRaw<{ host: string }[]>`
      SELECT DISTINCT host FROM boxes WHERE workspace_id = ${run.workspaceId}::uuid AND state <> 'gone'`;
    return { hosts: hosts.map(({ host }) => host) };
  });
}

/** The rows' half of stopping: shared by every way a workspace loses its boxes. The caller holds the lock. */
export async function stopBoxes(tx: Tx, workspaceId: string): Promise<void> {
  await tx.$executeRaw`
    UPDATE workspaces SET box_id = NULL, box_operation_id = NULL WHERE id = ${workspaceId}::uuid AND box_id IS NOT NULL`;
  await tx.$executeRaw`
    UPDATE boxes SET state = 'stopping', stopping_at = clock_timestamp()
    WHERE workspace_id = ${workspaceId}::uuid AND state IN ('creating', 'running')`;
}

/** A debt for each box that is still being stopped on these hosts; the sweeper pays it. */
export async function oweBoxes(db: Database, order: RunRef & { hosts: readonly string[]; reason: string }): Promise<void> {
  await db.$transaction(async (tx) => {
    const owned = await lockOwned(tx, order);
    if (!owned) return;
    await tx.$executeRaw`
      UPDATE boxes SET state = 'owed', owed_reason = ${order.reason}, next_attempt_at = clock_timestamp()
      WHERE workspace_id = ${order.workspaceId}::uuid AND host = ANY(${order.hosts}::text[]) AND state = 'stopping'`;
    const { operation } = owned;
    await recordStep(tx, { operationId: operation.id, cycle: operation.cycle, step: 'settle', state: 'failed', detail: order.reason });
  });
}
