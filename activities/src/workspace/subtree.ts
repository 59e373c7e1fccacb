import { Prisma, type Tx } from '@holdfast/prisma';
import { lockWorkspaces, type WorkspaceRow } from './workspace-row.ts';

/** Which part of a subtree a verb is about. */
export type Reach =
  /** Down to rows that are paused already: such a child hides what is below it, unless something waits to end its pause. */
  | 'pause'
  /** Down through rows that are paused. */
  | 'resume'
  /** Every row that is not removed. */
  | 'live'
  /** Those, and of the removed ones whatever a delete has left a box or an operation of. */
  | 'leftover'
  /** Every row there still is. */
  | 'all';

export interface SubtreeRow extends WorkspaceRow {
  /** Something is accepted that would change it when what runs has ended. */
  readonly waits: boolean;
}

interface Member {
  id: string;
  waits: boolean;
}

/** A circle cannot be made; were there one all the same, each of its rows is met once. */
const collect = (tx: Tx, rootId: string, reach: Reach): Promise<Member[]> => tx.$queryRaw<Member[]>`
  WITH RECURSIVE down (id, status, waits, created_at, depth) AS (
    SELECT w.id, w.status, ${waits}, w.created_at, 0 FROM workspaces w WHERE w.id = ${rootId}::uuid
    UNION ALL
    SELECT w.id, w.status, ${waits}, w.created_at, down.depth + 1
    FROM down JOIN workspaces w ON w.parent_id = down.id WHERE ${descends[reach]}
  ) CYCLE id SET is_circle USING path
  SELECT id, waits FROM down WHERE NOT is_circle AND (depth = 0 OR ${belongs[reach]}) ORDER BY depth, created_at, id`;

const waits = Prisma.sql`EXISTS (
  SELECT 1 FROM operations q WHERE q.workspace_id = w.id AND q.state = 'accepted' AND q.id IS DISTINCT FROM w.operation_id)`;

const always = Prisma.sql`true`;
const isLive = Prisma.sql`w.status <> 'removed'`;
const descends: Record<Reach, Prisma.Sql> = {
  pause: Prisma.sql`w.status <> 'removed' AND (down.depth = 0 OR down.status <> 'paused' OR down.waits)`,
  resume: Prisma.sql`w.status = 'paused'`,
  live: isLive,
  leftover: always,
  all: always,
};

const isLeft = Prisma.sql`down.status <> 'removed'
  OR EXISTS (SELECT 1 FROM boxes b WHERE b.workspace_id = down.id AND b.state <> 'gone')
  OR EXISTS (SELECT 1 FROM operations o WHERE o.workspace_id = down.id AND o.state IN ('accepted', 'running'))`;
const belongs: Record<Reach, Prisma.Sql> = {
  pause: always,
  resume: always,
  live: always,
  leftover: isLeft,
  all: always,
};

/**
 * Locks a workspace with the part of its subtree that a verb is about, and answers with those rows: the workspace
 * first, what is above before what is below, none when it is not there. Whoever makes or moves a child shares the lock
 * of its parent, so that none comes under a row that is held here.
 *
 * A pause holds the paused children it stops at as well. That is what makes a resume of such a child meet it: the
 * resume need not hold its ancestors.
 */
export async function lockSubtree(tx: Tx, rootId: string, reach: Reach): Promise<SubtreeRow[]> {
  const members = new Map<string, Member>();
  const rows = await lockStable(tx, async () => {
    members.clear();
    for (const member of await collect(tx, rootId, reach)) members.set(member.id, member);
    return [...members.keys()];
  });
  return rows.map((row) => ({ ...row, waits: members.get(row.id)?.waits === true }));
}

/**
 * Locks the rows that `collect` names, in the order of their ids, until it names no other once they are held. What
 * turns up late may have an id that comes before those held: then everything is let go and taken again, because taking
 * it out of order is how two of these wait for each other.
 * @returns the locked rows, in the order in which `collect` last named them
 */
export async function lockStable(tx: Tx, collect: () => Promise<string[]>): Promise<WorkspaceRow[]> {
  let wanted = await collect();
  for (;;) {
    await tx.$executeRaw`SAVEPOINT before_locks`;
    const rows = new Map((await lockWorkspaces(tx, wanted)).map((row) => [row.id, row]));
    wanted = await collect();
    if (wanted.every((id) => rows.has(id))) return wanted.flatMap((id) => rows.get(id) ?? []);
    await tx.$executeRaw`ROLLBACK TO SAVEPOINT before_locks`;
  }
}
