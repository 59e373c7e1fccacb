import { Prisma, type Tx } from '@holdfast/prisma';
import type { TransitionName } from '@holdfast/workflows/workspace/lifecycle';
import { LIVENESS_MS } from '../agent/box-contact.ts';
import { changeStatus } from '../workspace/status-change.ts';
import type { WorkspaceRow } from '../workspace/workspace-row.ts';
import type { OperationRow } from './operation-row.ts';

/** Whether the box that was current when the operation was accepted is known to be gone; true also when there was none. */
export async function isPriorBoxGone(tx: Tx, { prior_box_id: boxId }: OperationRow): Promise<boolean> {
  if (boxId === null) return true;
  return (await tx.box.count({ where: { id: boxId, state: { not: 'gone' } } })) === 0;
}

/**
 * Makes the workspace what it was when the operation was accepted: its status, and its box, unless that is gone. The
 * agent still has its token, which is bound to the box: with the box it counts again. The caller holds the lock.
 */
export async function restorePrior(
  tx: Tx,
  workspace: WorkspaceRow,
  { prior_box_id: boxId }: OperationRow,
  transition: TransitionName,
): Promise<void> {
  const box = boxId && (await tx.box.findFirst({ where: { id: boxId, state: { not: 'gone' } } }));
  if (!box) {
    await changeStatus(tx, workspace.id, transition);
    return;
  }
  await tx.$executeRaw`
    UPDATE boxes SET state = 'running', stopping_at = NULL, owed_reason = NULL, next_attempt_at = NULL
    WHERE id = ${box.id}::uuid AND state IN ('stopping', 'owed')`;
  await changeStatus(
    tx,
    workspace.id,
    transition,
    Prisma.sql`, box_id = ${box.id}::uuid, box_operation_id = ${box.operationId}::uuid, url = coalesce(${box.url}, url),
      internal_url = ${box.internalUrl ?? box.url}, liveness_expires_at = clock_timestamp() + ${LIVENESS_MS} * interval '1 millisecond'`,
  );
}
