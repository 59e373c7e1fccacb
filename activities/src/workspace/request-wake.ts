import type { Tx } from '@holdfast/prisma';
import { isBringUp } from '@holdfast/workflows/operation/operation';
import { Refusal } from '../failure/refusal.ts';
import { takeIn } from '../operation/intake.ts';
import { openOwner } from '../operation/operation-row.ts';
import { announceProvisioning } from './announce-provisioning.ts';
import { lockUnderAncestors, refusePausedAncestor, refuseWithoutBackend } from './guards.ts';
import { changeStatus, clearAddress } from './status-change.ts';

export interface WakeRequest {
  readonly workspaceId: string;
  readonly actor: string;
  readonly reason?: string;
}

/**
 * Wakes a hibernated workspace. Of several at once one brings it up and the others join it; one that meets a
 * hibernation under way waits for its end.
 * @throws Refusal WORKSPACE_NOT_FOUND, PARENT_PAUSED, NO_BACKEND
 */
export async function requestWake(tx: Tx, request: WakeRequest): Promise<{ operationId: string }> {
  const workspace = await lockUnderAncestors(tx, request.workspaceId);
  const owner = workspace && (await openOwner(tx, workspace));
  const isComingUp = owner !== null && isBringUp(owner.kind);
  if (!workspace || !(isComingUp || workspace.status === 'hibernated' || workspace.status === 'hibernating')) {
    throw new Refusal('WORKSPACE_NOT_FOUND', 'workspace not found or not hibernated');
  }
  await refusePausedAncestor(tx, workspace.id);
  await refuseWithoutBackend(tx, workspace);
  const { actor, reason = 'wake' } = request;
  const intake = await takeIn(tx, workspace, { kind: 'wake', actor, reason });
  if (intake.decision === 'run' && (await changeStatus(tx, workspace.id, 'wake', clearAddress))) {
    await announceProvisioning(tx, workspace, `${intake.operationId}:provisioning`);
  }
  return { operationId: intake.operationId };
}
