import type { Tx } from '@holdfast/prisma';
import { recordEvent } from '../event/event-records.ts';
import { Refusal } from '../failure/refusal.ts';
import { announceRemoved, markRemoved } from './removal.ts';
import { lockSubtree } from './subtree.ts';
import { takeInTree, type TreeIntake } from './tree-intake.ts';

/** `removed`: the names of the direct children, oldest first. */
export type CollapseIntake = TreeIntake & { readonly removed: readonly string[] };

/**
 * Removes every child of a workspace, with all that is below it, as deletes without a purge. The workspace itself goes
 * on.
 * @throws Refusal WORKSPACE_NOT_FOUND
 */
export async function requestCollapse(
  tx: Tx,
  request: { workspaceId: string; actor: string; reason?: string },
): Promise<CollapseIntake> {
  const [parent, ...below] = await lockSubtree(tx, request.workspaceId, 'live');
  if (!parent || parent.status === 'removed') throw new Refusal('WORKSPACE_NOT_FOUND', 'workspace not found');
  const { id: workspaceId } = parent;
  const children = await tx.workspace.findMany({
    where: { parentId: workspaceId, status: { not: 'removed' } },
    select: { name: true },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  });
  const removed = children.map(({ name }) => name);
  const { actor, reason = 'collapse' } = request;
  const facts = { purge: false, collapse: true };
  const intake = await takeInTree(tx, workspaceId, below, { kind: 'delete', actor, reason, facts });
  await announceRemoved(tx, await markRemoved(tx, below));
  await recordEvent(tx, { workspaceId, type: 'WORKSPACE_COLLAPSED', payload: { removed_children: removed } });
  return { ...intake, removed };
}
