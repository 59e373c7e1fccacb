import type { Tx } from '@holdfast/prisma';
import { recordEvent } from '../event/event-records.ts';
import { Refusal } from '../failure/refusal.ts';
import { insertOperation, type Intake, type OperationRequest, takeIn } from '../operation/intake.ts';
import { queuedOperations, readOperation, wantsPurge } from '../operation/operation-row.ts';
import { announceRemoved, markRemoved } from './removal.ts';
import { lockSubtree, type SubtreeRow } from './subtree.ts';
import { takeInTree, type TreeIntake, type TreeRequest } from './tree-intake.ts';
import type { WorkspaceRow } from './workspace-row.ts';

export interface DeleteRequest {
  readonly workspaceId: string;
  /** The caller agrees to lose the children as well. */
  readonly confirm: boolean;
  readonly purge: boolean;
  readonly actor: string;
  readonly reason?: string;
}

/** `settled`: there is nothing left to stop or to erase, so no operation was needed. */
export type DeleteIntake = { readonly settled: true } | ({ readonly settled: false } & TreeIntake);

/**
 * Marks a workspace and everything below it removed and makes deletes their owners, before anything is stopped.
 * Repeating it is harmless: it joins what runs, and starts another delete only where a box is left or a purge is still
 * owed, also of rows that were removed before.
 * @throws Refusal CONFIRMATION_REQUIRED with the children
 */
export async function requestDelete(tx: Tx, request: DeleteRequest): Promise<DeleteIntake> {
  const { purge } = request;
  const rows = await lockForDelete(tx, request.workspaceId, purge);
  const [root] = rows;
  // Clients rely on deleting the absent being a success.
  if (!root) return { settled: true };
  const { id: workspaceId } = root;
  if (!request.confirm) await refuseChildren(tx, workspaceId);
  const isRootLeft = root.status !== 'removed' || purge || (await isLeft(tx, root));
  const targets = isRootLeft ? rows : rows.slice(1);
  if (targets.length === 0) return { settled: true };
  const intake = await takeInTree(tx, workspaceId, targets, operationOf(request), async (row, wanted) => {
    const taken = await takeIn(tx, row, wanted);
    return taken.decision === 'join' && purge ? joinPurge(tx, row, taken, wanted) : taken;
  });
  const removed = await markRemoved(tx, targets);
  const below = removed.filter(({ id }) => id !== workspaceId);
  await announceRemoved(tx, below);
  if (removed.includes(root)) {
    await recordEvent(tx, { workspaceId, type: 'WORKSPACE_REMOVED', payload: { cascade_deleted: below.length } });
  }
  return { settled: false, ...intake };
}

/** The locks of a delete: for whoever must hold them before it looks at something else. */
export const lockForDelete = (tx: Tx, workspaceId: string, purge: boolean): Promise<SubtreeRow[]> =>
  lockSubtree(tx, workspaceId, purge ? 'all' : 'leftover');

const operationOf = ({ actor, purge, reason }: DeleteRequest): TreeRequest => ({
  kind: 'delete',
  actor,
  reason: reason ?? (purge ? 'delete and purge' : 'delete'),
  facts: { purge },
});

/** A delete under way may be past the point where it could still purge: then the purge waits behind it. */
async function joinPurge(
  tx: Tx,
  workspace: WorkspaceRow,
  joined: Intake,
  request: OperationRequest,
): Promise<Pick<Intake, 'decision' | 'operationId'>> {
  const running = await readOperation(tx, joined.operationId);
  const waiting = await queuedOperations(tx, workspace.id, joined.operationId);
  const purge = [running, ...waiting].find((operation) => operation && wantsPurge(operation));
  if (purge) return { decision: 'join', operationId: purge.id };
  return { decision: 'queue', operationId: await insertOperation(tx, workspace, request, 'queued') };
}

async function refuseChildren(tx: Tx, workspaceId: string): Promise<void> {
  const children = await tx.workspace.findMany({
    where: { parentId: workspaceId, status: { not: 'removed' } },
    select: { id: true, name: true },
    orderBy: { createdAt: 'asc' },
  });
  if (children.length === 0) return;
  const message = `this workspace has ${children.length} child workspace(s) that would be deleted with it; repeat with ?confirm=true`;
  throw new Refusal('CONFIRMATION_REQUIRED', message, {
    status: 'confirmation_required',
    message,
    children,
    children_count: children.length,
  });
}

async function isLeft(tx: Tx, { id }: WorkspaceRow): Promise<boolean> {
  const open = await tx.operation.count({ where: { workspaceId: id, state: { in: ['accepted', 'running'] } } });
  return open > 0 || (await tx.box.count({ where: { workspaceId: id, state: { not: 'gone' } } })) > 0;
}
