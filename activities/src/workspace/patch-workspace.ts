import { Prisma, type Tx } from '@holdfast/prisma';
import { hasOwnBox } from '@holdfast/workflows/workspace/status';
import { recordEvent } from '../event/event-records.ts';
import { Refusal } from '../failure/refusal.ts';
import { lockLiveWorkspace } from './live-workspace.ts';
import { releaseBoxes } from './release-boxes.ts';
import { changeStatus, clearAddress } from './status-change.ts';
import { shareParent } from './workspace-row.ts';

/** What a patch changes; left out means left alone. */
export interface WorkspacePatch {
  readonly name?: string | undefined;
  /** Null or empty clears it. */
  readonly role?: string | null | undefined;
  readonly tier?: number | undefined;
  readonly runtime?: string | undefined;
  /** Null detaches it. */
  readonly parentId?: string | null | undefined;
  /** Null clears it. */
  readonly workspaceDir?: string | null | undefined;
  readonly collapsed?: boolean | undefined;
  readonly position?: { readonly x: number; readonly y: number } | undefined;
}

/** One at a time: each alone sees a tree without a circle, two at once could close one. */
const REPARENTING = 'holdfast reparenting';

/**
 * Changes what people may change of a workspace.
 * @throws Refusal WORKSPACE_NOT_FOUND, or INVALID_REQUEST when the parent is missing or below the workspace itself
 */
export async function patchWorkspace(tx: Tx, id: string, patch: WorkspacePatch): Promise<void> {
  if (patch.parentId) await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext(${REPARENTING}))`;
  // In the order of their ids, as everybody takes several: a verb for a whole tree may want both.
  if (patch.parentId && patch.parentId.toLowerCase() < id.toLowerCase()) await shareParent(tx, patch.parentId);
  await lockLiveWorkspace(tx, id);
  if (patch.parentId) await checkParent(tx, id, patch.parentId);
  if (patch.runtime !== undefined && !hasOwnBox(patch.runtime)) await leaveBoxes(tx, id);
  const columns = changedColumns(patch);
  if (columns.length > 0) {
    await tx.$executeRaw`UPDATE workspaces SET ${Prisma.join(columns)}, updated_at = clock_timestamp() WHERE id = ${id}::uuid`;
  }
  await patchLayout(tx, id, patch);
}

/** Nobody would look after a box whose workspace has none by its runtime: from here on its operator's agent counts. */
async function leaveBoxes(tx: Tx, id: string): Promise<void> {
  const { name, runtime, status } = await tx.workspace.findUniqueOrThrow({ where: { id } });
  if (!hasOwnBox(runtime)) return;
  await releaseBoxes(tx, id, 'its runtime has no box any more');
  if (status === 'paused') return;
  // As if it was created anew without a box; nobody sees the status between the two.
  if (
    (await changeStatus(tx, id, 'restartByHand', clearAddress)) &&
    (await changeStatus(tx, id, 'externalWithoutUrl'))
  ) {
    const payload = { name, external: true };
    await recordEvent(tx, { workspaceId: id, type: 'WORKSPACE_AWAITING_AGENT', payload });
  }
}

function changedColumns({ name, role, tier, runtime, parentId, workspaceDir }: WorkspacePatch): Prisma.Sql[] {
  return [
    ...(name === undefined ? [] : [Prisma.sql`name = ${name}`]),
    ...(role === undefined ? [] : [Prisma.sql`role = ${role || null}`]),
    ...(tier === undefined ? [] : [Prisma.sql`tier = ${tier}`]),
    ...(runtime === undefined ? [] : [Prisma.sql`runtime = ${runtime}`]),
    ...(parentId === undefined ? [] : [Prisma.sql`parent_id = ${parentId}::uuid`]),
    ...(workspaceDir === undefined ? [] : [Prisma.sql`workspace_dir = ${workspaceDir}`]),
  ];
}

async function patchLayout(tx: Tx, workspaceId: string, { collapsed, position }: WorkspacePatch): Promise<void> {
  if (collapsed === undefined && position === undefined) return;
  const changes = { ...(collapsed === undefined ? {} : { collapsed }), ...position };
  await tx.canvasLayout.upsert({ where: { workspaceId }, create: { workspaceId, ...changes }, update: changes });
}

async function checkParent(tx: Tx, id: string, parentId: string): Promise<void> {
  const parent = await shareParent(tx, parentId);
  if (!parent || parent === 'removed') throw new Refusal('INVALID_REQUEST', 'parent workspace not found');
  const [circle] = await tx.$queryRaw<unknown[]>`
    WITH RECURSIVE up (id, parent_id) AS (
      SELECT id, parent_id FROM workspaces WHERE id = ${parentId}::uuid
      UNION
      SELECT w.id, w.parent_id FROM up JOIN workspaces w ON w.id = up.parent_id
    )
    SELECT 1 FROM up WHERE id = ${id}::uuid`;
  if (circle) throw new Refusal('INVALID_REQUEST', 'a workspace cannot be its own ancestor');
}
