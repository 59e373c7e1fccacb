import type { Database } from '@holdfast/prisma';
import type { OperationKind, OperationState } from '@holdfast/workflows/operation/operation';
import type { TreePort, TreeSituation } from '@holdfast/workflows/operation/ports';
import { type TreeInput, treeTypeOf } from '@holdfast/workflows/operation/tree-input';
import { concealing, type OnFailure } from '../failure/concealing.ts';
import { toldFailure } from './operation-row.ts';
import type { WorkspacePoker } from './poker.ts';

/** How many members are poked at the same time. */
const AT_ONCE = 10;
/** How many failed members are named; the rows name them all. */
const MOST_NAMES = 20;

export interface TreeOptions {
  readonly db: Database;
  readonly poker: WorkspacePoker;
  /** Told what really failed; a fixed sentence goes on to Temporal. */
  readonly onFailure?: OnFailure;
}

/** What the execution of a tree asks of Postgres and of Temporal. */
export function treeActivities({ db, poker, onFailure }: TreeOptions): TreePort {
  return {
    lookAtTree: concealing('lookAtTree', (order) => lookAtTree(db, order), onFailure),
    pokeMembers: concealing('pokeMembers', (order) => pokeMembers(poker, order.workspaceIds), onFailure),
  };
}

interface Member {
  id: string;
  workspace_id: string;
  kind: OperationKind;
  state: OperationState;
  asked: Record<string, unknown>;
  request_id: string;
  name: string;
  /** Null: the workspace is gone. */
  is_owner: boolean | null;
  failure_code: string | null;
  failure_text: string | null;
}

/**
 * The members of these requests, of those that came after them, which may have ended since, and of any other on the same
 * workspace that still has an open one; latest first.
 */
const readMembers = (db: Database, rootId: string, requests: readonly string[]): Promise<Member[]> =>
  db.$queryRaw<Member[]>`
    WITH requests (id) AS (
      SELECT coalesce(parent_id, id) FROM operations WHERE tree_root = ${rootId}::uuid AND state IN ('accepted', 'running')
      UNION
      SELECT unnest(${[...requests]}::uuid[])
      UNION
      SELECT coalesce(parent_id, id) FROM operations WHERE workspace_id = ${rootId}::uuid AND tree_root = ${rootId}::uuid
        AND seq > (SELECT max(seq) FROM operations WHERE id = ANY(${[...requests]}::uuid[]))
    ), members AS (
      SELECT o.* FROM operations o JOIN requests r ON o.id = r.id
      UNION
      SELECT o.* FROM operations o JOIN requests r ON o.parent_id = r.id
    )
    SELECT m.id, m.workspace_id, m.kind::text AS kind, m.state::text AS state, m.request AS asked, m.failure_code, m.failure_text,
           coalesce(m.parent_id, m.id)::text AS request_id, coalesce(w.name, m.workspace_id::text) AS name,
           w.operation_id = m.id AS is_owner
    FROM members m LEFT JOIN workspaces w ON w.id = m.workspace_id
    WHERE m.tree_root = ${rootId}::uuid ORDER BY m.seq DESC`;

export async function lookAtTree(
  db: Database,
  { rootId, requests }: { rootId: string; requests: readonly string[] },
): Promise<TreeSituation> {
  const rows = await readMembers(db, rootId, requests);
  const [latest] = rows;
  const members: Record<string, number> = {};
  for (const { state } of rows) members[state] = (members[state] ?? 0) + 1;
  const open = (members['accepted'] ?? 0) + (members['running'] ?? 0);
  const failed = rows.filter(({ state }) => state === 'failed').slice(0, MOST_NAMES);
  const type = latest ? treeTypeOf(latest.kind, latest.asked) : null;
  return {
    latest: latest && type ? { request: latest.request_id, type } : null,
    requests: [...new Set([...requests, ...rows.map(({ request_id }) => request_id)])],
    open,
    members,
    failed: failed.map((member) => ({ name: member.name, ...toldFailure(member) })),
    waiting: rows
      .filter(({ state, is_owner }) => state === 'accepted' && is_owner)
      .map(({ id, workspace_id }) => ({ operationId: id, workspaceId: workspace_id })),
  };
}

/** Pokes them, so many at a time; throws when one of the pokes failed, after all were tried. */
export async function pokeMembers(poker: WorkspacePoker, workspaceIds: readonly string[]): Promise<void> {
  const left = [...workspaceIds];
  const failed: unknown[] = [];
  const lane = async (): Promise<void> => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) {
      await poker.poke(id).catch((error: unknown) => failed.push(error));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  if (failed.length > 0) throw new AggregateError(failed, 'pokes failed');
}

/** What is asked for a workspace and those below it and has not ended; null when nothing is. */
export async function openTree(db: Database, rootId: string): Promise<{ input: TreeInput; name: string } | null> {
  const [row] = await db.$queryRaw<(Pick<Member, 'kind' | 'asked' | 'request_id' | 'name'> & { org_id: string })[]>`
    SELECT o.kind::text AS kind, o.request AS asked, coalesce(o.parent_id, o.id)::text AS request_id, o.org_id,
           coalesce(w.name, o.tree_root::text) AS name
    FROM operations o LEFT JOIN workspaces w ON w.id = o.tree_root
    WHERE o.tree_root = ${rootId}::uuid AND o.state IN ('accepted', 'running') ORDER BY o.seq DESC LIMIT 1`;
  const type = row ? treeTypeOf(row.kind, row.asked) : null;
  if (!row || !type) return null;
  return { input: { rootId, orgId: row.org_id, type, requests: [row.request_id] }, name: row.name };
}
