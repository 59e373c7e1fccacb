import type { Database, Tx } from '@holdfast/prisma';
import { isBringUp } from '@holdfast/workflows/operation/operation';
import type { RunRef } from '@holdfast/workflows/operation/ports';
import { announceProvisioning } from '../workspace/announce-provisioning.ts';
import { changeStatus, clearAddress } from '../workspace/status-change.ts';
import type { WorkspaceRow } from '../workspace/workspace-row.ts';
import { lockOwned, type OperationRow } from './operation-row.ts';
import { recordStep } from './steps.ts';

export type SettleOrder = RunRef & { beforeCycle: number; ownOnly?: boolean };

/**
 * Marks every box of the workspace that may run as being stopped. From this commit on none of them counts: the row
 * names no current box, so a register or a beat of the old one finds nothing to change.
 */
export async function beginSettle(db: Database, order: SettleOrder): Promise<{ hosts: string[] } | null> {
  return db.$transaction(async (tx) => {
    const owned = await lockOwned(tx, order);
    if (!owned) return null;
    const { workspace, operation } = owned;
    const stopped = await stopBoxes(tx, workspace.id, order);
    if (stopped > 0) await takeStatusBack(tx, workspace, operation, order.beforeCycle);
    const hosts = await tx.$queryRaw<{ host: string }[]>`
      SELECT DISTINCT host FROM boxes WHERE workspace_id = ${workspace.id}::uuid AND state IN ('stopping', 'owed')
        AND NOT (operation_id = ${operation.id}::uuid AND cycle >= ${order.beforeCycle})`;
    return { hosts: hosts.map(({ host }) => host) };
  });
}

/** An agent that registered before its bring-up was undone or begun anew had turned the row: that goes with its box. */
async function takeStatusBack(
  tx: Tx,
  workspace: WorkspaceRow,
  operation: OperationRow,
  beforeCycle: number,
): Promise<void> {
  if (!isBringUp(operation.kind) || workspace.status === 'provisioning' || workspace.status === 'failed') return;
  if (await changeStatus(tx, workspace.id, 'restart', clearAddress)) {
    await announceProvisioning(tx, workspace, `${operation.id}:${beforeCycle}:settle`);
  }
}

/**
 * The rows' half of stopping: shared by every way a workspace loses its boxes. The caller holds the lock.
 * @param spared the boxes of this operation from this cycle on, and with `ownOnly` all of any other
 * @returns how many boxes are being stopped now that were not before
 */
export async function stopBoxes(
  tx: Tx,
  workspaceId: string,
  spared: { operationId: string; beforeCycle?: number; ownOnly?: boolean } | null = null,
): Promise<number> {
  const stopped = await tx.$executeRaw`
    UPDATE boxes SET state = 'stopping', stopping_at = clock_timestamp()
    WHERE workspace_id = ${workspaceId}::uuid AND state IN ('creating', 'running')
      AND (operation_id = ${spared?.operationId ?? null}::uuid AND cycle >= ${spared?.beforeCycle ?? null}::int) IS NOT TRUE
      AND (${spared?.ownOnly ?? false} AND operation_id <> ${spared?.operationId ?? null}::uuid) IS NOT TRUE`;
  await tx.$executeRaw`
    UPDATE workspaces SET box_id = NULL, box_operation_id = NULL, internal_url = NULL, liveness_expires_at = NULL
    WHERE id = ${workspaceId}::uuid AND box_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM boxes WHERE boxes.id = box_id AND state IN ('creating', 'running'))`;
  return stopped;
}

/** Whatever of a workspace is still being stopped becomes a debt. The caller holds the lock. */
export async function oweStopping(tx: Tx, workspaceId: string, reason: string): Promise<void> {
  await tx.$executeRaw`
    UPDATE boxes SET state = 'owed', owed_reason = ${reason}, next_attempt_at = clock_timestamp()
    WHERE workspace_id = ${workspaceId}::uuid AND state = 'stopping'`;
}

/** A debt for each box that is still being stopped on these hosts; the sweeper pays it. */
export async function oweBoxes(
  db: Database,
  order: RunRef & { hosts: readonly string[]; reason: string },
): Promise<void> {
  await db.$transaction(async (tx) => {
    const owned = await lockOwned(tx, order);
    if (!owned) return;
    await tx.$executeRaw`
      UPDATE boxes SET state = 'owed', owed_reason = ${order.reason}, next_attempt_at = clock_timestamp()
      WHERE workspace_id = ${order.workspaceId}::uuid AND host = ANY(${order.hosts}::text[]) AND state = 'stopping'`;
    const { operation } = owned;
    await recordStep(tx, {
      operationId: operation.id,
      cycle: operation.cycle,
      step: 'settle',
      state: 'failed',
      detail: order.reason,
    });
  });
}
