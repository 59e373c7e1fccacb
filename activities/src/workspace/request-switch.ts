import type { Tx } from '@holdfast/prisma';
import type { CloudProvider } from '@holdfast/workflows/box/box';
import { fromSet } from '@holdfast/workflows/workspace/lifecycle';
import { hasOwnBox } from '@holdfast/workflows/workspace/status';
import { choosePlace } from '../box/place.ts';
import { Refusal } from '../failure/refusal.ts';
import { type OperationRequest, takeIn } from '../operation/intake.ts';
import { openOwner } from '../operation/operation-row.ts';
import { hasCloud, lockUnderAncestors, refusePausedAncestor } from './guards.ts';
import { changeStatus } from './status-change.ts';
import type { WorkspaceRow } from './workspace-row.ts';

export interface SwitchRequest {
  readonly workspaceId: string;
  readonly provider: CloudProvider;
  /** The caller agrees to lose what a persistent volume of the old cloud holds. */
  readonly confirmDataLoss: boolean;
  readonly actor: string;
  readonly reason?: string;
}

type SwitchOperation = OperationRequest & { readonly kind: 'switch' };

export type SwitchIntake =
  | { readonly noop: true; readonly provider: CloudProvider }
  | { readonly noop: false; readonly operationId: string; readonly from: string; readonly to: string };

/**
 * Claims a workspace for a move to another cloud. The claim changes the status and nothing else: its address, its cloud
 * and its box stay named until the box is stopped, so that whoever loses the race has changed nothing.
 * @throws Refusal WORKSPACE_NOT_FOUND, NOT_SWITCHABLE, PARENT_PAUSED, DATA_LOSS_UNCONFIRMED, ALREADY_SWITCHING; INTERNAL
 *   when the claim cannot be written
 */
export async function requestSwitch(tx: Tx, request: SwitchRequest): Promise<SwitchIntake> {
  const workspace = await lockUnderAncestors(tx, request.workspaceId);
  if (!workspace || workspace.status === 'removed') throw new Refusal('WORKSPACE_NOT_FOUND', 'workspace not found');
  await refuseWithoutCloud(tx, workspace);
  await refusePausedAncestor(tx, workspace.id);
  const { provider: to, actor, reason = `switch to ${request.provider}` } = request;
  // Until its first box it is on none, and would come to the default.
  const from = workspace.provider === 'unplaced' ? 'aws' : workspace.provider;
  if (from === to) return { noop: true, provider: to };
  const { stored, isPersistent } = await computeOf(tx, workspace.id);
  if (isPersistent && !request.confirmDataLoss) throw dataLoss(from);
  await refuseClaimed(tx, workspace);
  const facts = {
    provider_from: from,
    provider_to: to,
    provider_stored: stored,
    // Whoever tries again does not ask once more for what was agreed to.
    ...(isPersistent ? { confirm_data_loss: true } : {}),
  };
  const operationId = await claim(tx, workspace, { kind: 'switch', actor, reason, facts });
  return { noop: false, operationId, from, to };
}

/** From here on the contract has another text for what fails. */
async function claim(tx: Tx, workspace: WorkspaceRow, request: SwitchOperation): Promise<string> {
  try {
    const { operationId } = await takeIn(tx, workspace, request);
    await changeStatus(tx, workspace.id, 'switchClaim');
    return operationId;
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal('INTERNAL', 'failed to claim switch', {}, { cause });
  }
}

async function refuseWithoutCloud(tx: Tx, workspace: WorkspaceRow): Promise<void> {
  const { runtime } = workspace;
  if (!(await hasCloud(tx)) || (await choosePlace(tx, workspace))?.backend !== 'control-plane') {
    throw new Refusal('NOT_SWITCHABLE', 'provider switching is only available for cloud (SaaS) workspaces');
  }
  if (!hasOwnBox(runtime)) throw new Refusal('NOT_SWITCHABLE', `${runtime} workspaces have no cloud box to switch`);
}

/** Whatever runs on it, or a bring-up that nobody owns, has the workspace: a second claim would move it twice. */
async function refuseClaimed(tx: Tx, workspace: WorkspaceRow): Promise<void> {
  const owner = await openOwner(tx, workspace);
  if (!owner && fromSet('switchClaim').includes(workspace.status)) return;
  throw new Refusal('ALREADY_SWITCHING', 'ALREADY_SWITCHING', {
    detail: 'the workspace is being changed already; wait for its end and look at its provider again',
    ...(owner ? { operation_id: owner.id, operation_kind: owner.kind, phase: owner.phase ?? owner.state } : {}),
  });
}

const dataLoss = (from: string): Refusal =>
  new Refusal('DATA_LOSS_UNCONFIRMED', 'DATA_LOSS_UNCONFIRMED', {
    detail: `the persistent volume on ${from} does not move with the workspace; repeat with confirm_data_loss`,
  });

async function computeOf(tx: Tx, workspaceId: string): Promise<{ stored: string | null; isPersistent: boolean }> {
  const [row] = await tx.$queryRaw<[{ stored: string | null; isPersistent: boolean }]>`
    SELECT compute->>'provider' AS stored, coalesce(compute->>'data_persistence', '') = 'persist' AS "isPersistent"
    FROM workspaces WHERE id = ${workspaceId}::uuid`;
  return row;
}
