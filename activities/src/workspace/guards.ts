import type { Tx } from '@holdfast/prisma';
import { choosePlace } from '../box/place.ts';
import { Refusal } from '../failure/refusal.ts';
import { lockWorkspace, type WorkspaceRow } from './workspace-row.ts';

/** The ids of the workspaces above this one, nearest first. Read without a lock. A circle is walked once. */
async function ancestorsOf(tx: Tx, workspaceId: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    WITH RECURSIVE up (id, parent_id, depth) AS (
      SELECT id, parent_id, 0 FROM workspaces WHERE id = ${workspaceId}::uuid
      UNION ALL
      SELECT w.id, w.parent_id, up.depth + 1 FROM up JOIN workspaces w ON w.id = up.parent_id
    ) CYCLE id SET is_circle USING path
    SELECT id FROM up WHERE depth > 0 AND NOT is_circle ORDER BY depth`;
  return rows.map(({ id }) => id);
}

/**
 * Locks a workspace, and shares every one above it, so that none is paused between this look and the commit. All in the
 * order of their ids, as every change of several workspaces takes them: two of them never wait for each other.
 * The first statement of a request that the rule of the paused ancestor holds for.
 */
export async function lockUnderAncestors(tx: Tx, workspaceId: string): Promise<WorkspaceRow | null> {
  let workspace: WorkspaceRow | null = null;
  for (const id of [workspaceId, ...(await ancestorsOf(tx, workspaceId))].sort()) {
    if (id === workspaceId) workspace = await lockWorkspace(tx, id);
    else await tx.$executeRaw`SELECT 1 FROM workspaces WHERE id = ${id}::uuid FOR SHARE`;
  }
  return workspace;
}

/** The name of the nearest paused workspace above this one; null when there is none. The caller holds their locks. */
export async function pausedAncestor(tx: Tx, workspaceId: string): Promise<string | null> {
  const ids = await ancestorsOf(tx, workspaceId);
  if (ids.length === 0) return null;
  const paused = await tx.workspace.findMany({
    where: { id: { in: ids }, status: 'paused' },
    select: { id: true, name: true },
  });
  return ids.map((id) => paused.find((row) => row.id === id)).find((row) => row)?.name ?? null;
}

/** @throws Refusal PARENT_PAUSED, naming the nearest paused workspace above */
export async function refusePausedAncestor(tx: Tx, workspaceId: string): Promise<void> {
  const name = await pausedAncestor(tx, workspaceId);
  if (name !== null) {
    throw new Refusal('PARENT_PAUSED', `parent workspace "${name}" is paused — resume it first`);
  }
}

/** Where a workspace's boxes are, as far as that is settled. */
type Placed = Pick<WorkspaceRow, 'backend' | 'host'>;

/** Whether some worker serves, or has served, a backend that this workspace can run on. One that is away is waited for. */
export const hasBackend = async (tx: Tx, workspace: Placed): Promise<boolean> =>
  (await choosePlace(tx, workspace)) !== null;

/** Whether some worker serves, or has served, boxes in clouds. */
export const hasCloud = async (tx: Tx): Promise<boolean> =>
  (await tx.backend.count({ where: { kind: 'control-plane' } })) > 0;

/** @throws Refusal NO_BACKEND */
export async function refuseWithoutBackend(tx: Tx, workspace: Placed): Promise<void> {
  if (!(await hasBackend(tx, workspace))) throw new Refusal('NO_BACKEND', 'provisioner not available');
}
