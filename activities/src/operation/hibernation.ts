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

/**
 * Ends a hibernation by what the ledger says: it sleeps when no box of it is left, whichever operation made it, since one
 * that is owed costs as much. Where its own box goes on, so does the workspace. Where only others are left, it goes on
 * falling asleep: the hibernation is taken up again until the sweeper has paid what is owed.
 */
export async function concludeHibernation(db: Database, run: RunRef): Promise<{ hibernated: boolean } | null> {
  return db.$transaction(async (tx) => {
    const owned = await lockOwned(tx, run);
    if (!owned) return null;
    const { workspace, operation } = owned;
    // Concluded before: a debt that is paid since must not make it say something else.
    if (workspace.status !== 'hibernating') return { hibernated: workspace.status === 'hibernated' };
    const hibernated = await hasNoBox(tx, workspace.id);
    if (hibernated) await fallAsleep(tx, workspace, operation);
    else if (!(await isPriorBoxGone(tx, operation))) await undoHibernation(tx, workspace, operation);
    const detail = hibernated ? 'its box is stopped' : 'not every box of it is stopped';
    await recordStep(tx, { operationId: operation.id, cycle: 0, step: 'conclude', state: 'done', detail });
    return { hibernated };
  });
}

const hasNoBox = async (tx: Tx, workspaceId: string): Promise<boolean> =>
  (await tx.box.count({ where: { workspaceId, state: { not: 'gone' } } })) === 0;

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
