import { Prisma, type Tx } from '@holdfast/prisma';
import { lockStable } from '../workspace/subtree.ts';
import type { OperationRow } from './operation-row.ts';

/** A workspace whose rows wait for a purge, and whether that was asked for itself or only for one above it. */
interface Waiting {
  id: string;
  is_asked: boolean;
}

/**
 * Its own workspace and those above it whose purge was asked for and not carried out: a purge waits for all of its tree,
 * so the last to be stopped erases for those that came before it. Nearest first; read without a lock.
 */
const readChain = (tx: Tx, workspaceId: string): Promise<Waiting[]> => tx.$queryRaw<Waiting[]>`
  WITH RECURSIVE up (id, parent_id, depth) AS (
    SELECT id, parent_id, 0 FROM workspaces WHERE id = ${workspaceId}::uuid
    UNION ALL
    SELECT w.id, w.parent_id, up.depth + 1 FROM up JOIN workspaces w ON w.id = up.parent_id
    WHERE w.status = 'removed' AND EXISTS (SELECT 1 FROM operations o WHERE o.workspace_id = w.id AND ${isPurge})
  ) CYCLE id SET is_circle USING path
  SELECT id, EXISTS (
    SELECT 1 FROM operations o WHERE o.workspace_id = up.id AND ${isPurge} AND coalesce(o.tree_root, o.workspace_id) = up.id
  ) AS is_asked
  FROM up WHERE NOT is_circle ORDER BY depth`;

const isPurge = Prisma.sql`o.kind = 'delete' AND o.state <> 'superseded' AND o.request->>'purge' = 'true'`;

/** The ids of a workspace and all below it. */
export async function readTree(tx: Tx, rootId: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    WITH RECURSIVE down (id) AS (
      SELECT id FROM workspaces WHERE id = ${rootId}::uuid
      UNION
      SELECT w.id FROM down JOIN workspaces w ON w.parent_id = down.id
    )
    SELECT id FROM down`;
  return rows.map(({ id }) => id);
}

/**
 * Locks the whole tree that a purge of this workspace may be the last of, and answers with the highest workspace whose
 * tree has nothing left to stop; null when even that of the request has. The locks make one of several purges that end
 * at once see all the others.
 */
export async function lastToStop(tx: Tx, operation: OperationRow): Promise<string | null> {
  let chain: Waiting[] = [];
  await lockStable(tx, async () => {
    chain = await readChain(tx, operation.workspace_id);
    return readTree(tx, chain.at(-1)?.id ?? operation.workspace_id);
  });
  const rootId = operation.tree_root ?? operation.workspace_id;
  const start = Math.max(
    0,
    chain.findIndex(({ id }) => id === rootId),
  );
  const candidates = chain.slice(start).filter(({ is_asked }, place) => place === 0 || is_asked);
  for (const { id } of candidates.reverse()) {
    if (await isStopped(tx, await readTree(tx, id), operation.id)) return id;
  }
  return null;
}

/** Nothing of these workspaces runs, and no operation of theirs but this one may still have something to stop. */
async function isStopped(tx: Tx, ids: readonly string[], operationId: string): Promise<boolean> {
  const [busy] = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM unnest(${[...ids]}::uuid[]) AS member (id)
    WHERE EXISTS (SELECT 1 FROM workspaces w WHERE w.id = member.id AND w.status <> 'removed')
       OR EXISTS (SELECT 1 FROM boxes b WHERE b.workspace_id = member.id AND b.state <> 'gone')
       OR EXISTS (SELECT 1 FROM operations o WHERE o.workspace_id = member.id AND o.id <> ${operationId}::uuid
            AND (o.state = 'accepted' OR (o.state = 'running' AND (o.outcome->>'stopped' = 'true') IS NOT TRUE)))
    LIMIT 1`;
  return busy === undefined;
}

/** What a purge has come to: it has stopped its own, and erases the tree below `erases` when it is the last. */
export interface PurgeOutcome {
  readonly stopped: true;
  readonly erases: string | null;
}

export async function noteOutcome(tx: Tx, operationId: string, outcome: PurgeOutcome): Promise<void> {
  await tx.$executeRaw`UPDATE operations SET outcome = ${JSON.stringify(outcome)}::jsonb WHERE id = ${operationId}::uuid`;
}

/** The root of the tree that this operation erases; null when another one does. */
export async function erasedBy(tx: Tx, operationId: string): Promise<string | null> {
  const [row] = await tx.$queryRaw<{ erases: string | null }[]>`
    SELECT outcome->>'erases' AS erases FROM operations WHERE id = ${operationId}::uuid`;
  return row?.erases ?? null;
}
