import type { Database, Tx } from '@holdfast/prisma';
import type { RunRef } from '@holdfast/workflows/operation/ports';
import type { TransitionName } from '@holdfast/workflows/workspace/lifecycle';
import { recordEvent } from '../event/event-records.ts';
import { changeStatus, clearAddress } from '../workspace/status-change.ts';
import type { WorkspaceRow } from '../workspace/workspace-row.ts';
import { lockOwned, type OperationRow } from './operation-row.ts';
import { isPriorBoxGone, restorePrior } from './prior.ts';
import { recordStep } from './steps.ts';

/** The way back of a hibernation, by the status it came from. */
const wayBack: Partial<Record<string, TransitionName>> = {
  online: 'hibernateBackOnline',
  degraded: 'hibernateBackDegraded',
};

/** Ends a hibernation by what the ledger says of the box that was to be stopped. */
export async function concludeHibernation(db: Database, run: RunRef): Promise<{ hibernated: boolean } | null> {
  return db.$transaction(async (tx) => {
    const owned = await lockOwned(tx, run);
    if (!owned) return null;
    const { workspace, operation } = owned;
    const hibernated = await isPriorBoxGone(tx, operation);
    if (hibernated) await fallAsleep(tx, workspace, operation);
    else await undoHibernation(tx, workspace, operation);
    const detail = hibernated ? 'its box is stopped' : 'its box is not stopped; it is the current one again';
    await recordStep(tx, { operationId: operation.id, cycle: 0, step: 'conclude', state: 'done', detail });
    return { hibernated };
  });
}

async function fallAsleep(tx: Tx, workspace: WorkspaceRow, operation: OperationRow): Promise<void> {
  if (!(await changeStatus(tx, workspace.id, 'hibernated', clearAddress))) return;
  await recordEvent(tx, {
    workspaceId: workspace.id,
    type: 'WORKSPACE_HIBERNATED',
    payload: { name: workspace.name, tier: workspace.tier },
    key: `${operation.id}:hibernated`,
  });
}

/** The workspace is what it was before it was claimed. The caller holds the lock. */
export async function undoHibernation(tx: Tx, workspace: WorkspaceRow, operation: OperationRow): Promise<void> {
  const back = wayBack[operation.prior_status ?? ''];
  if (back) await restorePrior(tx, workspace, operation, back);
}
