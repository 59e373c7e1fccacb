import type { Tx } from '@holdfast/prisma';
import { isCloudProvider } from '@holdfast/workflows/box/box';
import { isBringUp } from '@holdfast/workflows/operation/operation';
import { Refusal } from '../failure/refusal.ts';
import { type OperationRow, readOperation, wantsPurge } from '../operation/operation-row.ts';
import { lockForDelete, requestDelete } from './delete-workspace.ts';
import { requestHibernate } from './request-hibernate.ts';
import { requestRestart } from './request-restart.ts';
import { requestSwitch } from './request-switch.ts';
import { lockUnderAncestors } from './guards.ts';

export interface RetryRequest {
  readonly operationId: string;
  readonly actor: string;
}

export interface Retried {
  readonly workspaceId: string;
  /** The new operation. */
  readonly operationId: string;
  /** It changes the workspaces below as well: the tree is to be poked. */
  readonly isTree: boolean;
}

/**
 * Does again what a failed or cancelled operation was to do, under the guards of its verb. A switch moves the workspace
 * again; any other bring-up is tried again as a restart with the same wishes: the workspace is no longer paused,
 * hibernated or new.
 * @throws Refusal OPERATION_NOT_FOUND, OPERATION_NOT_RETRYABLE, or what the verb throws
 */
export async function requestRetry(tx: Tx, { operationId, actor }: RetryRequest): Promise<Retried> {
  const operation = await readOperation(tx, operationId);
  if (!operation) throw new Refusal('OPERATION_NOT_FOUND', 'operation not found');
  await refuseUnlessLastFailure(tx, operation);
  const { workspace_id: workspaceId } = operation;
  const again = await tryAgain(tx, operation, { workspaceId, actor, reason: `retry of ${operationId}` });
  if (again === null) throw new Refusal('OPERATION_NOT_RETRYABLE', 'there is nothing left to do');
  return { workspaceId, ...again };
}

async function refuseUnlessLastFailure(tx: Tx, operation: OperationRow): Promise<void> {
  if (operation.state !== 'failed' && operation.state !== 'cancelled') throw new Refusal('OPERATION_NOT_RETRYABLE');
  const { workspace_id: workspaceId } = operation;
  // What the verb itself locks, at once: more locks later would be out of order.
  if (operation.kind === 'delete') await lockForDelete(tx, workspaceId, wantsPurge(operation));
  else await lockUnderAncestors(tx, workspaceId);
  const [later] = await tx.$queryRaw<{ id: string }[]>`
    SELECT later.id FROM operations o JOIN operations later ON later.workspace_id = o.workspace_id AND later.seq > o.seq
    WHERE o.id = ${operation.id}::uuid ORDER BY later.seq DESC LIMIT 1`;
  if (later) {
    throw new Refusal('OPERATION_NOT_RETRYABLE', `operation ${later.id} of the same workspace has come after it`);
  }
}

interface Wish {
  readonly workspaceId: string;
  readonly actor: string;
  readonly reason: string;
}

/** Null: it is in that cloud already, as its execution was lost after the move; what is left is to bring it up. */
async function moveAgain(
  tx: Tx,
  { request }: OperationRow,
  by: Wish,
): Promise<Pick<Retried, 'operationId' | 'isTree'> | null> {
  const provider = request['provider_to'];
  if (typeof provider !== 'string' || !isCloudProvider(provider)) return null;
  const intake = await requestSwitch(tx, { ...by, provider, confirmDataLoss: request['confirm_data_loss'] === true });
  return intake.noop ? null : { operationId: intake.operationId, isTree: false };
}

async function tryAgain(
  tx: Tx,
  operation: OperationRow,
  by: Wish,
): Promise<Pick<Retried, 'operationId' | 'isTree'> | null> {
  const { kind, request } = operation;
  if (kind === 'switch') {
    const moved = await moveAgain(tx, operation, by);
    if (moved) return moved;
  }
  if (isBringUp(kind)) {
    const template = typeof request['template'] === 'string' ? request['template'] : null;
    const intake = await requestRestart(tx, { ...by, template, reset: request['reset'] === true });
    return intake.noop ? null : { operationId: intake.operationId, isTree: false };
  }
  if (kind === 'hibernate') {
    return { ...(await requestHibernate(tx, { ...by, force: request['force'] === true })), isTree: false };
  }
  if (kind === 'delete') {
    const intake = await requestDelete(tx, { ...by, confirm: true, purge: wantsPurge(operation) });
    if (intake.settled) return null;
    const own = intake.members.find((member) => member.workspaceId === by.workspaceId);
    const again = own?.operationId ?? intake.treeId;
    return again === null ? null : { operationId: again, isTree: intake.members.length > 1 };
  }
  // A pause stands whatever became of its operation, and what it could not stop is owed.
  return null;
}
