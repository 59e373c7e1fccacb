import type { Tx } from '@holdfast/prisma';
import { isBringUp } from '@holdfast/workflows/operation/operation';
import { fromSet } from '@holdfast/workflows/workspace/lifecycle';
import { hasOwnBox } from '@holdfast/workflows/workspace/status';
import { Refusal } from '../failure/refusal.ts';
import { type Intake, type OperationRequest, takeIn } from '../operation/intake.ts';
import { openOwner } from '../operation/operation-row.ts';
import { announceProvisioning } from './announce-provisioning.ts';
import {
  hasBackend,
  lockUnderAncestors,
  pausedAncestor,
  refusePausedAncestor,
  refuseWithoutBackend,
} from './guards.ts';
import { changeStatus, clearAddress } from './status-change.ts';
import type { WorkspaceRow } from './workspace-row.ts';

export interface RestartRequest {
  readonly workspaceId: string;
  readonly actor: string;
  /** The template to apply, as `chooseTemplate` says it; left out, the configuration is left alone. */
  readonly template?: string | null;
  /** Forget the sessions of the agent before this one. */
  readonly reset?: boolean;
  readonly reason?: string;
}

/** `noop`: the platform runs no box for this workspace, and has touched nothing. */
export type RestartIntake =
  | { readonly noop: true; readonly runtime: string }
  | { readonly noop: false; readonly operationId: string; readonly decision: Intake['decision'] };

/**
 * A person asks for a restart. It also ends a pause or a hibernation: that is an explicit wish.
 * @throws Refusal WORKSPACE_NOT_FOUND, PARENT_PAUSED, NO_BACKEND
 */
export async function requestRestart(tx: Tx, request: RestartRequest): Promise<RestartIntake> {
  const workspace = await lockUnderAncestors(tx, request.workspaceId);
  if (!workspace || workspace.status === 'removed') throw new Refusal('WORKSPACE_NOT_FOUND', 'workspace not found');
  await refusePausedAncestor(tx, workspace.id);
  if (!hasOwnBox(workspace.runtime)) return { noop: true, runtime: workspace.runtime };
  await refuseWithoutBackend(tx, workspace);
  const facts = {
    ...(request.template ? { template: request.template } : {}),
    ...(request.reset ? { reset: true } : {}),
  };
  const reason = request.reason ?? 'restart';
  const intake = await takeRestart(tx, workspace, { actor: request.actor, reason, facts });
  return { noop: false, operationId: intake.operationId, decision: intake.decision };
}

export interface ProgrammaticRestart {
  readonly workspaceId: string;
  readonly actor: string;
  /** For people; names what changed, never a value. */
  readonly reason: string;
  /** A change must reach the agent and is never dropped; a finding about its health may be, soon after a cycle began. */
  readonly cause: 'change' | 'health';
}

/**
 * The platform itself asks for a restart. It never brings back what a person, or idleness, has stopped.
 * @returns null when its guards let it do nothing
 */
export async function requestRestartAfter(
  tx: Tx,
  request: ProgrammaticRestart,
): Promise<{ operationId: string } | null> {
  const workspace = await lockUnderAncestors(tx, request.workspaceId);
  if (!workspace || !fromSet('restart').includes(workspace.status)) return null;
  if (!hasOwnBox(workspace.runtime) || !(await hasBackend(tx, workspace))) return null;
  if ((await pausedAncestor(tx, workspace.id)) !== null) return null;
  if (request.cause === 'health' && (await isBeingMended(tx, workspace))) return null;
  const { operationId } = await takeRestart(tx, workspace, { actor: request.actor, reason: request.reason });
  return { operationId };
}

/** How long after a cycle began what its box looks like from outside is no reason for another, in seconds. */
const DEBOUNCE_SECONDS = 60;

/** A bring-up is under way, or the last one began so recently that its box may still be coming up. */
async function isBeingMended(tx: Tx, workspace: WorkspaceRow): Promise<boolean> {
  const owner = await openOwner(tx, workspace);
  if (owner && isBringUp(owner.kind)) return true;
  const [recent] = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM boxes WHERE workspace_id = ${workspace.id}::uuid
      AND created_at > clock_timestamp() - ${DEBOUNCE_SECONDS} * interval '1 second' LIMIT 1`;
  return recent !== undefined;
}

async function takeRestart(tx: Tx, workspace: WorkspaceRow, request: Omit<OperationRequest, 'kind'>): Promise<Intake> {
  const intake = await takeIn(tx, workspace, { kind: 'restart', ...request });
  // What waits changes nothing yet: its turn writes the status.
  if (intake.decision === 'run' && (await changeStatus(tx, workspace.id, 'restartByHand', clearAddress))) {
    await announceProvisioning(tx, workspace, `${intake.operationId}:provisioning`);
  }
  return intake;
}
