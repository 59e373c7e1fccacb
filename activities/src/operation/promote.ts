import type { Tx } from '@holdfast/prisma';
import { announceProvisioning } from '../workspace/announce-provisioning.ts';
import { changeStatus, clearAddress } from '../workspace/status-change.ts';
import type { WorkspaceRow } from '../workspace/workspace-row.ts';
import { announceOperation } from './notices.ts';
import { type OperationRow, queuedOperations } from './operation-row.ts';

/**
 * What waits behind an operation that ends, oldest first. A wake that waited for a hibernation which did not come about
 * has what it asked for, and ends here. The caller holds the lock.
 */
export async function nextInLine(tx: Tx, workspace: WorkspaceRow, endedId: string): Promise<OperationRow[]> {
  const queued = await queuedOperations(tx, workspace.id, endedId);
  const isAwake = workspace.status === 'online' || workspace.status === 'degraded';
  for (const { id, kind } of queued) {
    if (kind !== 'wake' || !isAwake) continue;
    await tx.$executeRaw`UPDATE operations SET state = 'succeeded', ended_at = clock_timestamp() WHERE id = ${id}::uuid`;
    await announceOperation(tx, id);
  }
  return queued.filter(({ kind }) => kind !== 'wake' || !isAwake);
}

/**
 * Makes a queued operation the owner, with the status and event its own request would have written. What waits is a
 * bring-up, whose status is "provisioning", or a purge behind a delete, which finds the row removed and leaves it so.
 * The caller holds the lock.
 */
export async function promote(tx: Tx, workspace: WorkspaceRow, queued: OperationRow): Promise<void> {
  await tx.$executeRaw`
    UPDATE operations SET prior_status = (SELECT status FROM workspaces WHERE id = ${workspace.id}::uuid), next_poke_at = clock_timestamp()
    WHERE id = ${queued.id}::uuid`;
  await tx.$executeRaw`UPDATE workspaces SET operation_id = ${queued.id}::uuid WHERE id = ${workspace.id}::uuid`;
  // A queued resume or wake leaves the state that the operation before it reached; a restart may come from any.
  if (await changeStatus(tx, workspace.id, 'restartByHand', clearAddress)) {
    await announceProvisioning(tx, workspace, `${queued.id}:promoted`);
  }
  await announceOperation(tx, queued.id);
}
