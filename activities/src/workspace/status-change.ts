import { Prisma, type Tx } from '@holdfast/prisma';
import { fromSet, target, type TransitionName } from '@holdfast/workflows/workspace/lifecycle';

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

/** What every stop clears: the address and the liveness check. */
export const clearAddress = Prisma.sql`, url = '', internal_url = NULL, liveness_expires_at = NULL`;
