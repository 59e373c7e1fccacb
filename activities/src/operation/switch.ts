import { type Database, Prisma, type Tx } from '@holdfast/prisma';
import type { RunRef } from '@holdfast/workflows/operation/ports';
import type { TransitionName } from '@holdfast/workflows/workspace/lifecycle';
import { recordAudit, recordEvent } from '../event/event-records.ts';
import { changeStatus } from '../workspace/status-change.ts';
import type { WorkspaceRow } from '../workspace/workspace-row.ts';
import { lockOwned, type OperationRow } from './operation-row.ts';
import { isPriorBoxGone, restorePrior } from './prior.ts';
import { isDone, recordStep } from './steps.ts';

/** What the request of a switch kept. */
interface SwitchFacts {
  readonly provider_from: string;
  readonly provider_to: string;
  /** As the row had it; null or empty is the default. */
  readonly provider_stored: string | null;
}
const factsOf = (operation: OperationRow): SwitchFacts => operation.request as unknown as SwitchFacts;

/** A cloud that is written, and the step that says so. */
interface Move {
  readonly step: 'move' | 'move back';
  readonly from: string;
  readonly to: string;
  /** As the row gets it; null leaves none. */
  readonly stored: string | null;
}

/**
 * Writes the new cloud, once the old box has been stopped or has become a debt. The id of the old box goes in the same
 * write: it must never be looked for in the new cloud.
 */
export async function moveProvider(db: Database, run: RunRef): Promise<{ to: string } | null> {
  return move(db, run, ({ provider_from: from, provider_to: to }) => ({ step: 'move', from, to, stored: to }));
}

/** Writes the old cloud back, as the row had it. */
export async function moveProviderBack(db: Database, run: RunRef): Promise<{ to: string } | null> {
  return move(db, run, ({ provider_from: to, provider_to: from, provider_stored: stored }) => ({
    step: 'move back',
    from,
    to,
    stored,
  }));
}

/** Once: an attempt that wakes up late must not take a workspace away that has gone on, back or to its new box. */
async function move(db: Database, run: RunRef, of: (facts: SwitchFacts) => Move): Promise<{ to: string } | null> {
  return db.$transaction(async (tx) => {
    const owned = await lockOwned(tx, run);
    if (!owned) return null;
    const { workspace, operation } = owned;
    const moving = of(factsOf(operation));
    const { step, from, to } = moving;
    if (await isDone(tx, operation.id, step)) return { to };
    if (step === 'move') await auditLeftBehind(tx, operation);
    // A box that was said to have crashed has turned the row: what the event tells begins there as well.
    if (workspace.status !== 'provisioning') await changeStatus(tx, workspace.id, 'restart');
    await writeProvider(tx, workspace, operation, moving);
    await recordStep(tx, { operationId: operation.id, cycle: 0, step, state: 'done', detail: `${from} → ${to}` });
    return { to };
  });
}

async function writeProvider(
  tx: Tx,
  workspace: WorkspaceRow,
  operation: OperationRow,
  { from, to, stored }: Move,
): Promise<void> {
  const compute =
    stored === null
      ? Prisma.sql`coalesce(compute, '{}'::jsonb) - 'provider'`
      : Prisma.sql`coalesce(compute, '{}'::jsonb) || jsonb_build_object('provider', ${stored}::text)`;
  await tx.$executeRaw`
    UPDATE workspaces SET instance_id = NULL, compute = ${compute}, updated_at = clock_timestamp()
    WHERE id = ${workspace.id}::uuid`;
  await recordEvent(tx, {
    workspaceId: workspace.id,
    type: 'WORKSPACE_PROVISIONING',
    payload: {
      name: workspace.name,
      tier: workspace.tier,
      runtime: workspace.runtime,
      provider_from: from,
      provider_to: to,
    },
    key: `${operation.id}:provider:${to}`,
  });
}

/**
 * What did not stop is about to lose its last pointer on the row: whoever cleans up finds it here. That is the box from
 * before the switch, and whatever else the row names: a debt of an earlier operation, or what no ledger knows. It is
 * written with the move or not at all: a box that the row goes on to name may come back to it, and nobody may end it.
 */
async function auditLeftBehind(tx: Tx, operation: OperationRow): Promise<void> {
  const { id, workspace_id: workspaceId, prior_box_id: boxId } = operation;
  const { provider_from: from, provider_to: to } = factsOf(operation);
  const left = await tx.$queryRaw<{ instanceId: string; provider: string | null; reason: string | null }[]>`
    SELECT named.id AS "instanceId", b.provider,
           CASE WHEN b.id IS NULL THEN 'nothing is on record of how it was made' ELSE b.owed_reason END AS reason
    FROM (
      SELECT instance_id AS id FROM workspaces WHERE id = ${workspaceId}::uuid
      UNION SELECT external_id FROM boxes WHERE id = ${boxId}::uuid
    ) named LEFT JOIN boxes b ON b.workspace_id = ${workspaceId}::uuid AND b.external_id = named.id
    WHERE named.id IS NOT NULL AND b.state IS DISTINCT FROM 'gone'`;
  for (const { instanceId, provider, reason } of left) {
    await recordAudit(tx, {
      workspaceId,
      type: 'workspace.provider.switch_stop_exhausted',
      payload: {
        workspace_id: workspaceId,
        old_instance_id: instanceId,
        old_provider: provider ?? from,
        new_provider: to,
        last_error: reason ?? 'it did not stop in time',
        recovery_path: 'platform_cleanup',
      },
      key: `${id}:stop-exhausted:${instanceId}`,
    });
  }
}

/** The way back of a claim, by the status it came from. */
const wayBack: Partial<Record<string, TransitionName>> = {
  online: 'switchBackOnline',
  degraded: 'switchBackDegraded',
  offline: 'switchBackOffline',
  failed: 'switchBackFailed',
  paused: 'switchBackPaused',
  hibernated: 'switchBackHibernated',
  awaiting_agent: 'switchBackAwaiting',
};

/** The workspace is what it was before the claim; nothing of it has moved. The caller holds the lock. */
export async function undoSwitch(tx: Tx, workspace: WorkspaceRow, operation: OperationRow): Promise<void> {
  const back = wayBack[operation.prior_status ?? ''];
  if (!back) return;
  await restorePrior(tx, workspace, operation, back);
  await recordStep(tx, { operationId: operation.id, cycle: 0, step: 'restore', state: 'done' });
}

/**
 * Makes the workspace what it was before the claim, where that needs no new box: there was none, or it has not moved and
 * the old one is not known to be gone. Once it has moved, the agent in the old one has lost its token. The old cloud is
 * written already.
 * @returns `restored` false: it must be brought up again
 */
export async function restoreBeforeSwitch(
  db: Database,
  run: RunRef & { moved: boolean },
): Promise<{ restored: boolean } | null> {
  return db.$transaction(async (tx) => {
    const owned = await lockOwned(tx, run);
    if (!owned) return null;
    const { workspace, operation } = owned;
    const isKnown = wayBack[operation.prior_status ?? ''] !== undefined;
    const needsBox = operation.prior_box_id !== null && (run.moved || (await isPriorBoxGone(tx, operation)));
    if (!isKnown || needsBox) return { restored: false };
    await undoSwitch(tx, workspace, operation);
    return { restored: true };
  });
}
