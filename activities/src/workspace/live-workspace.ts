import type { Tx } from '@holdfast/prisma';
import { Refusal } from '../failure/refusal.ts';

/**
 * Locks the row of a workspace that is not removed: the first statement of a change that belongs to it.
 * @throws Refusal WORKSPACE_NOT_FOUND
 */
export async function lockLiveWorkspace(tx: Tx, workspaceId: string): Promise<void> {
  const [row] = await tx.$queryRaw<{ status: string }[]>`
    SELECT status::text FROM workspaces WHERE id = ${workspaceId}::uuid FOR NO KEY UPDATE`;
  if (!row || row.status === 'removed') throw new Refusal('WORKSPACE_NOT_FOUND', 'workspace not found');
}
