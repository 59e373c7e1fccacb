import type { Tx } from '@holdfast/prisma';
import { isExternal } from '@holdfast/workflows/workspace/status';
import { recordEvent } from '../event/event-records.ts';
import { Refusal } from '../failure/refusal.ts';
import { takeIn } from '../operation/intake.ts';
import { announceProvisioning } from './announce-provisioning.ts';
import { refusePausedAncestor, refuseWithoutBackend } from './guards.ts';
import { releaseBoxes } from './release-boxes.ts';
import { changeStatus } from './status-change.ts';
import { lockSubtree } from './subtree.ts';
import { takeInTree, type TreeIntake } from './tree-intake.ts';
import type { WorkspaceRow } from './workspace-row.ts';

/**
 * Brings back a paused workspace and everything below it that is reached through paused ones. One whose agent is run by
 * its operator needs no box, and waits for that agent at once.
 * @throws Refusal WORKSPACE_NOT_FOUND, NO_BACKEND, PARENT_PAUSED
 */
export async function requestResume(
  tx: Tx,
  { workspaceId, actor, reason = 'resume' }: { workspaceId: string; actor: string; reason?: string },
): Promise<TreeIntake> {
  const rows = await lockSubtree(tx, workspaceId, 'resume');
  const [root] = rows;
  if (root?.status !== 'paused') throw new Refusal('WORKSPACE_NOT_FOUND', 'workspace not found or not paused');
  await refuseWithoutPlace(tx, rows);
  await refusePausedAncestor(tx, root.id);
  return takeInTree(tx, root.id, rows, { kind: 'resume', actor, reason }, async (row, request) => {
    if (isExternal(row.runtime)) return release(tx, row);
    const intake = await takeIn(tx, row, request);
    // What waits for the end of the pause changes nothing yet: its turn writes the status.
    if (intake.decision === 'run' && (await changeStatus(tx, row.id, 'resume'))) {
      await announceProvisioning(tx, row, `${intake.operationId}:provisioning`);
    }
    return intake;
  });
}

/** A workspace that has its place keeps it, even while that is away; for all others the answer is the same. */
async function refuseWithoutPlace(tx: Tx, rows: readonly WorkspaceRow[]): Promise<void> {
  const placeless = rows.find(({ runtime, backend, host }) => !isExternal(runtime) && !(backend && host));
  if (placeless) await refuseWithoutBackend(tx, placeless);
}

/** Lets an agent come back whom the platform does not run. Whatever box there was, from another runtime, is owed. */
async function release(tx: Tx, { id, name }: WorkspaceRow): Promise<null> {
  await releaseBoxes(tx, id, 'the workspace was resumed without a box');
  if (await changeStatus(tx, id, 'resumeExternal')) {
    const payload = { name, external: true };
    await recordEvent(tx, { workspaceId: id, type: 'WORKSPACE_AWAITING_AGENT', payload });
  }
  return null;
}
