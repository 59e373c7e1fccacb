import type { Tx } from '@holdfast/prisma';
import { isEnded, type OperationKind } from '@holdfast/workflows/operation/operation';
import { Refusal } from '../failure/refusal.ts';
import { lockWorkspace } from '../workspace/workspace-row.ts';
import { end } from './finish.ts';
import { undoHibernation } from './hibernation.ts';
import { announceOperation } from './notices.ts';
import { readOperation } from './operation-row.ts';
import { undoSwitch } from './switch.ts';

export interface CancelRequest {
  readonly operationId: string;
  readonly actor: string;
}

/** `cancelling`: its run undoes what it has done, and then it is cancelled. The caller pokes. */
export interface Cancelled {
  readonly workspaceId: string;
  readonly state: 'cancelled' | 'cancelling';
}

/** What only ever finishes: the row already says what it is to come to. */
const uncancellable: readonly OperationKind[] = ['pause', 'delete'];

/**
 * Ends an operation before its work is done. One that has not begun ends at once; a running one is told so until it has.
 * @throws Refusal OPERATION_NOT_FOUND, OPERATION_NOT_CANCELLABLE
 */
export async function requestCancel(tx: Tx, { operationId, actor }: CancelRequest): Promise<Cancelled> {
  const seen = await readOperation(tx, operationId);
  if (!seen) throw new Refusal('OPERATION_NOT_FOUND', 'operation not found');
  const workspace = await lockWorkspace(tx, seen.workspace_id);
  const operation = (await readOperation(tx, operationId)) ?? seen;
  if (isEnded(operation.state)) {
    throw new Refusal('OPERATION_NOT_CANCELLABLE', `the operation has ended: ${operation.state}`);
  }
  if (uncancellable.includes(operation.kind)) {
    throw new Refusal('OPERATION_NOT_CANCELLABLE', `a ${operation.kind} cannot be cancelled`);
  }
  await tx.$executeRaw`
    UPDATE operations SET cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()),
      cancelled_by = coalesce(cancelled_by, ${actor}), next_poke_at = clock_timestamp() + interval '2 seconds'
    WHERE id = ${operationId}::uuid`;
  const workspaceId = operation.workspace_id;
  if (operation.state === 'running') {
    await announceOperation(tx, operationId);
    return { workspaceId, state: 'cancelling' };
  }
  if (workspace?.operation_id === operationId) {
    if (operation.kind === 'hibernate') await undoHibernation(tx, workspace, operation);
    if (operation.kind === 'switch') await undoSwitch(tx, workspace, operation);
    // What it has come back to decides what becomes of those that wait.
    const now = await lockWorkspace(tx, workspaceId);
    await end(tx, now, operation, { state: 'cancelled', failureCode: 'CANCELLED', failureText: 'cancelled' });
  } else {
    await tx.$executeRaw`
      UPDATE operations SET state = 'cancelled', failure_code = 'CANCELLED', failure_text = 'cancelled', ended_at = clock_timestamp()
      WHERE id = ${operationId}::uuid`;
    await announceOperation(tx, operationId);
  }
  return { workspaceId, state: 'cancelled' };
}
