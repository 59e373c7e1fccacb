import type { Tx } from '@holdfast/prisma';
import { announceOperation } from '../operation/notices.ts';
import { oweStopping, stopBoxes } from '../operation/settle.ts';

/**
 * Takes a workspace that is to have no box from whatever changes it, and owes every box that it still has: a run that is
 * under way finds that it lost the workspace, and the sweeper finishes the boxes. The caller holds the lock.
 */
export async function releaseBoxes(tx: Tx, workspaceId: string, reason: string): Promise<void> {
  const ended = await tx.$queryRaw<{ id: string }[]>`
    UPDATE operations SET state = 'superseded', ended_at = clock_timestamp()
    WHERE workspace_id = ${workspaceId}::uuid AND state IN ('accepted', 'running') RETURNING id`;
  for (const operation of ended) await announceOperation(tx, operation.id);
  await tx.$executeRaw`UPDATE workspaces SET operation_id = NULL WHERE id = ${workspaceId}::uuid`;
  await stopBoxes(tx, workspaceId);
  await oweStopping(tx, workspaceId, reason);
}
