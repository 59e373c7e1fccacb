import type { Tx } from '@holdfast/prisma';
import { recordEvent } from '../event/event-records.ts';
import { Refusal } from '../failure/refusal.ts';
import { insertOperation, type OperationRequest, takeIn } from '../operation/intake.ts';
import { openOwner, queuedOperations, readOperation, wantsPurge } from '../operation/operation-row.ts';
import { revokeTokens } from '../token/tokens.ts';
import { changeStatus, clearAddress } from './status-change.ts';
import { lockWorkspace, type WorkspaceRow } from './workspace-row.ts';

export interface DeleteRequest {
  readonly workspaceId: string;
  /** The caller agrees to lose the children as well. */
  readonly confirm: boolean;
  readonly purge: boolean;
  readonly actor: string;
}

/** `settled`: there is nothing left to stop or to erase, so no operation was needed. */
export type DeleteIntake = { readonly settled: true } | { readonly settled: false; readonly operationId: string };

/**
 * Marks a workspace removed and makes the delete its owner, before anything is stopped. Repeating it is harmless: it
 * joins a running delete, and starts another only when a box is left or a purge is still owed.
 * @throws Refusal CONFIRMATION_REQUIRED with the children, or NOT_IMPLEMENTED for a confirmed tree
 */
export async function requestDelete(tx: Tx, request: DeleteRequest): Promise<DeleteIntake> {
  const workspace = await lockWorkspace(tx, request.workspaceId);
  // Clients rely on deleting the absent being a success.
  if (!workspace) return { settled: true };
  await refuseChildren(tx, request);
  if (workspace.status === 'removed' && !(await isLeft(tx, workspace, request.purge))) return { settled: true };
  const operation = {
    kind: 'delete',
    actor: request.actor,
    reason: request.purge ? 'delete and purge' : 'delete',
    facts: { purge: request.purge },
  } as const;
  const intake = await takeIn(tx, workspace, operation);
  await remove(tx, workspace);
  if (intake.decision === 'join' && request.purge) {
    return { settled: false, operationId: await joinPurge(tx, workspace, intake.operationId, operation) };
  }
  return { settled: false, operationId: intake.operationId };
}

/** A delete under way may be past the point where it could still purge: then the purge waits behind it. */
async function joinPurge(
  tx: Tx,
  workspace: WorkspaceRow,
  runningId: string,
  request: OperationRequest,
): Promise<string> {
  const running = await readOperation(tx, runningId);
  const waiting = await queuedOperations(tx, workspace.id, runningId);
  const purge = [running, ...waiting].find((operation) => operation && wantsPurge(operation));
  return purge?.id ?? insertOperation(tx, workspace, request, 'queued');
}

async function refuseChildren(tx: Tx, { workspaceId, confirm }: DeleteRequest): Promise<void> {
  const children = await tx.workspace.findMany({
    where: { parentId: workspaceId, status: { not: 'removed' } },
    select: { id: true, name: true },
    orderBy: { createdAt: 'asc' },
  });
  if (children.length === 0) return;
  if (!confirm) {
    const message = `this workspace has ${children.length} child workspace(s) that would be deleted with it; repeat with ?confirm=true`;
    throw new Refusal('CONFIRMATION_REQUIRED', message, {
      status: 'confirmation_required',
      message,
      children,
      children_count: children.length,
    });
  }
  throw new Refusal(
    'NOT_IMPLEMENTED',
    'deleting a workspace together with its children is not supported yet; delete the children first',
  );
}

async function isLeft(tx: Tx, workspace: WorkspaceRow, purge: boolean): Promise<boolean> {
  if (purge || (await openOwner(tx, workspace))) return true;
  return (await tx.box.count({ where: { workspaceId: workspace.id, state: { not: 'gone' } } })) > 0;
}

async function remove(tx: Tx, workspace: WorkspaceRow): Promise<void> {
  await tx.canvasLayout.deleteMany({ where: { workspaceId: workspace.id } });
  await revokeTokens(tx, workspace.id);
  if (!(await changeStatus(tx, workspace.id, 'remove', clearAddress))) return;
  await tx.$executeRaw`UPDATE workspaces SET removed_at = clock_timestamp() WHERE id = ${workspace.id}::uuid`;
  await recordEvent(tx, { workspaceId: workspace.id, type: 'WORKSPACE_REMOVED', payload: { cascade_deleted: 0 } });
}
