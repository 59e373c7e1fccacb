import { randomUUID } from 'node:crypto';
import type { Tx } from '@holdfast/prisma';
import type { RequestableKind } from '@holdfast/workflows/operation/matrix';
import { type Intake, type OperationRequest, takeIn } from '../operation/intake.ts';
import type { WorkspaceRow } from './workspace-row.ts';

/** What became of a request for one workspace of a tree. */
export interface TreeMember {
  readonly workspaceId: string;
  readonly name: string;
  /** Null: it was done on the spot. */
  readonly operationId: string | null;
  readonly decision: Intake['decision'] | 'direct';
}

/** What became of a request for a workspace and those below it; the workspace itself comes first. */
export interface TreeIntake {
  readonly rootId: string;
  /** Names the request: the operation of the workspace itself where it has one. Null: nothing is left to carry out. */
  readonly treeId: string | null;
  readonly members: readonly TreeMember[];
}

export type TreeRequest = Omit<OperationRequest, 'kind' | 'parentId' | 'treeRoot'> & { readonly kind: RequestableKind };

/** Decides a member's request; what it returns instead of `takeIn` is up to the verb. */
export type TakeMember<R extends WorkspaceRow> = (
  workspace: R,
  request: TreeRequest & Pick<OperationRequest, 'parentId' | 'treeRoot'>,
) => Promise<Pick<Intake, 'decision' | 'operationId'> | null>;

/**
 * Takes in one request for every one of these locked rows. The first that is the root gives the request its name; the
 * others say in their `parent_id` that they belong to it.
 * @param take null means: done on the spot, without an operation
 */
export async function takeInTree<R extends WorkspaceRow>(
  tx: Tx,
  rootId: string,
  rows: readonly R[],
  request: TreeRequest,
  take: TakeMember<R> = (workspace, wanted) => takeIn(tx, workspace, wanted),
): Promise<TreeIntake> {
  const tree = rows.length > 1 ? { treeRoot: rootId } : {};
  const members: TreeMember[] = [];
  let treeId: string | null = null;
  for (const row of rows) {
    const isRoot = row.id === rootId;
    // A root that needs no operation leaves the request without one to be named after.
    if (!isRoot) treeId ??= randomUUID();
    const intake = await take(row, { ...request, ...tree, ...(isRoot || !treeId ? {} : { parentId: treeId }) });
    if (isRoot && intake) treeId = intake.operationId;
    members.push({
      workspaceId: row.id,
      name: row.name,
      operationId: intake?.operationId ?? null,
      decision: intake?.decision ?? 'direct',
    });
  }
  return { rootId, treeId: members.some(({ operationId }) => operationId) ? treeId : null, members };
}
