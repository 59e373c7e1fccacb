import { Prisma, type Tx } from '@holdfast/prisma';
import type { WorkspaceStatus } from '@holdfast/workflows/workspace/status';

/** What a decision about a workspace reads of its row. */
export interface WorkspaceRow {
  id: string;
  org_id: string;
  name: string;
  tier: number;
  runtime: string;
  status: WorkspaceStatus;
  provider: string;
  operation_id: string | null;
  box_id: string | null;
  backend: string | null;
  host: string | null;
}

/** The cloud of a workspace `w` whose boxes are in clouds. */
export const cloudOfW = Prisma.sql`coalesce(nullif(w.compute->>'provider', ''), 'aws')`;

/** The cloud a workspace is on, or the backend where there is no cloud; what operators filter by. */
export const provider = Prisma.sql`coalesce(nullif(compute->>'provider', ''), CASE backend WHEN 'control-plane' THEN 'aws' ELSE backend END, 'unplaced')`;

const columns = Prisma.sql`id, org_id, name, tier, runtime, status::text AS status, ${provider} AS provider, operation_id, box_id, backend, host`;

/**
 * Locks the row and reads it. Always the first statement of a transaction that changes a workspace, and always alone:
 * a join made while waiting for the lock would see rows as they were before.
 *
 * The lock leaves the key to others: a child that is written twice in one transaction shares its parent's key, and
 * would wait in a circle with whoever holds the parent and waits for the child.
 */
export async function lockWorkspace(tx: Tx, workspaceId: string): Promise<WorkspaceRow | null> {
  const rows = await tx.$queryRaw<WorkspaceRow[]>`
    SELECT ${columns} FROM workspaces WHERE id = ${workspaceId}::uuid FOR NO KEY UPDATE`;
  return rows[0] ?? null;
}

/** The same for several, in the order of their ids: whoever takes more than one takes them so, and nobody waits in a circle. */
export const lockWorkspaces = (tx: Tx, ids: readonly string[]): Promise<WorkspaceRow[]> =>
  tx.$queryRaw<
    WorkspaceRow[]
  >`SELECT ${columns} FROM workspaces WHERE id = ANY(${[...ids]}::uuid[]) ORDER BY id FOR NO KEY UPDATE`;

/** A parent may not be removed between the check and the commit, nor its tree be changed as a whole without the new child. */
export async function shareParent(tx: Tx, parentId: string): Promise<string | undefined> {
  const [parent] = await tx.$queryRaw<{ status: string }[]>`
    SELECT status::text FROM workspaces WHERE id = ${parentId}::uuid FOR SHARE`;
  return parent?.status;
}
