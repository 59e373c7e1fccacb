import { Prisma, type Database, type Tx } from '@holdfast/prisma';
import type { ErasePlan, RunRef } from '@holdfast/workflows/operation/ports';
import { lockStable } from '../workspace/subtree.ts';
import { announceOperation } from './notices.ts';
import { lockOwned, readOperation, wantsPurge } from './operation-row.ts';
import { erasedBy, lastToStop, noteOutcome, readTree } from './purge-tree.ts';

/**
 * What a delete still has to do once it has stopped what it could. A purge takes the work of its whole tree when it is
 * the last one of it to be stopped, and of none before: as long as one box is left, everything can still be found.
 */
export async function planErase(db: Database, run: RunRef): Promise<ErasePlan | null> {
  return db.$transaction(async (tx) => {
    const operation = await readOperation(tx, run.operationId);
    const isPurge = operation !== null && wantsPurge(operation);
    const erases = isPurge ? await lastToStop(tx, operation) : null;
    const owned = await lockOwned(tx, run);
    if (!owned) return null;
    const boxes = await tx.box.findMany({
      where: { workspaceId: run.workspaceId, state: { not: 'gone' } },
      select: { id: true, owedReason: true },
    });
    const owed = boxes.map(({ id, owedReason }) => `box ${id}: ${owedReason ?? 'not stopped yet'}`);
    if (isPurge && owed.length === 0) await noteOutcome(tx, run.operationId, { stopped: true, erases });
    const ids = erases ? await readTree(tx, erases) : [run.workspaceId];
    return { owed, volumes: await volumesOf(tx, ids, erases !== null) };
  });
}

/** The hosts that may hold something of these workspaces: those they ever had a box on. */
async function volumesOf(tx: Tx, ids: readonly string[], purge: boolean): Promise<ErasePlan['volumes']> {
  const places = await tx.$queryRaw<{ workspaceId: string; host: string }[]>`
    SELECT DISTINCT workspace_id AS "workspaceId", host FROM boxes WHERE workspace_id = ANY(${[...ids]}::uuid[])`;
  return places.map((place) => ({ ...place, purge }));
}

/** What hangs on a workspace, in the order a purge deletes it. */
const dependants = [
  'agent_memories',
  'workspace_secrets',
  'workspace_config',
  'workspace_auth_tokens',
  'canvas_layouts',
] as const;

/** Deletes the rows of a purged tree. Their operations, boxes and events stay: they are the record. */
export async function eraseWorkspace(db: Database, run: RunRef): Promise<{ purged: boolean } | null> {
  return db.$transaction(async (tx) => {
    const rootId = await erasedBy(tx, run.operationId);
    const tree = rootId ? await lockTree(tx, rootId) : [];
    const owned = await lockOwned(tx, run);
    if (!owned) {
      // The second run of this step finds the row it has deleted gone; so does a purge that another one erased for.
      const operation = await readOperation(tx, run.operationId);
      const isMine = operation?.state === 'running' && operation.run_id === run.runId && wantsPurge(operation);
      const isThere = (await tx.workspace.count({ where: { id: run.workspaceId } })) > 0;
      return isMine && !isThere ? { purged: true } : null;
    }
    if (!rootId) return { purged: false };
    await erase(tx, tree);
    await endWaiting(tx, tree);
    return { purged: true };
  });
}

/** Holds the tree, and whatever points into it; answers with the tree. */
async function lockTree(tx: Tx, rootId: string): Promise<string[]> {
  let tree: string[] = [];
  await lockStable(tx, async () => {
    tree = await readTree(tx, rootId);
    const pointing = await tx.$queryRaw<{ id: string }[]>`
      SELECT id FROM workspaces WHERE parent_id = ANY(${tree}::uuid[]) OR forwarded_to = ANY(${tree}::uuid[])`;
    return [...new Set([...tree, ...pointing.map(({ id }) => id)])];
  });
  return tree;
}

async function erase(tx: Tx, ids: readonly string[]): Promise<void> {
  const tree = [...ids];
  for (const table of dependants) {
    await tx.$executeRaw`DELETE FROM ${Prisma.raw(table)} WHERE workspace_id = ANY(${tree}::uuid[])`;
  }
  await tx.$executeRaw`
    UPDATE workspaces SET parent_id = CASE WHEN parent_id = ANY(${tree}::uuid[]) THEN NULL ELSE parent_id END,
                          forwarded_to = CASE WHEN forwarded_to = ANY(${tree}::uuid[]) THEN NULL ELSE forwarded_to END
    WHERE (parent_id = ANY(${tree}::uuid[]) OR forwarded_to = ANY(${tree}::uuid[])) AND NOT id = ANY(${tree}::uuid[])`;
  await tx.$executeRaw`DELETE FROM workspaces WHERE id = ANY(${tree}::uuid[])`;
}

/** A delete that was asked for meanwhile has come to its end with the rows: no run can begin for it any more. */
async function endWaiting(tx: Tx, ids: readonly string[]): Promise<void> {
  const ended = await tx.$queryRaw<{ id: string }[]>`
    UPDATE operations SET state = 'succeeded', ended_at = clock_timestamp()
    WHERE workspace_id = ANY(${[...ids]}::uuid[]) AND state = 'accepted' RETURNING id`;
  for (const { id } of ended) await announceOperation(tx, id);
}
