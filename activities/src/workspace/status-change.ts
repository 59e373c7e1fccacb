import { Prisma, type Tx } from '@holdfast/prisma';
import { fromSet, target, type TransitionName } from '@holdfast/workflows/workspace/lifecycle';
import { externalRuntimes, type WorkspaceStatus } from '@holdfast/workflows/workspace/status';

/**
 * Changes the status by one row of the lifecycle table; false when the workspace is not in its from-set, and then
 * nothing has changed and no event may follow. The caller holds the lock.
 * @param also further columns of the same UPDATE
 */
export async function changeStatus(
  tx: Tx,
  workspaceId: string,
  transition: TransitionName,
  also: Prisma.Sql = Prisma.empty,
): Promise<boolean> {
  const changed = await tx.$executeRaw`
    UPDATE workspaces SET status = ${target(transition)}::workspace_status, updated_at = clock_timestamp() ${also}
    WHERE id = ${workspaceId}::uuid AND status::text = ANY(${fromSet(transition)}::text[])`;
  return changed > 0;
}

/** Two rows of the lifecycle table: for workspaces with a box of ours, and for those whose agent somebody else runs. */
export interface ByRuntime {
  readonly own: TransitionName;
  readonly external: TransitionName;
}

/** Whether a workspace's status is in the from-set that its runtime calls for. */
export const isInFromSet = ({ own, external }: ByRuntime): Prisma.Sql => Prisma.sql`status::text = ANY(
  CASE WHEN runtime = ANY(${externalRuntimes}::text[]) THEN ${fromSet(external)}::text[] ELSE ${fromSet(own)}::text[] END)`;

/**
 * Changes the status by the row of the table that the runtime calls for, decided by the UPDATE itself; null when nothing
 * has changed. The caller holds the lock.
 * @param only what must hold of the row besides
 * @param also further columns of the same UPDATE
 */
export async function changeStatusByRuntime(
  tx: Tx,
  workspaceId: string,
  by: ByRuntime,
  only: Prisma.Sql,
  also: Prisma.Sql = Prisma.empty,
): Promise<WorkspaceStatus | null> {
  const [changed] = await tx.$queryRaw<{ status: WorkspaceStatus }[]>`
    UPDATE workspaces SET updated_at = clock_timestamp(), status = CASE
        WHEN runtime = ANY(${externalRuntimes}::text[]) THEN ${target(by.external)}::workspace_status
        ELSE ${target(by.own)}::workspace_status END ${also}
    WHERE id = ${workspaceId}::uuid AND ${only} AND ${isInFromSet(by)}
    RETURNING status::text AS status`;
  return changed?.status ?? null;
}

/** What every stop clears: the address and the liveness check. */
export const clearAddress = Prisma.sql`, url = '', internal_url = NULL, liveness_expires_at = NULL`;
