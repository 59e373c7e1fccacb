import type { Database, Tx } from '@holdfast/prisma';
import { withReason } from '@holdfast/workflows/failure/codes';
import { failures } from '@holdfast/workflows/failure/failures';
import { isBringUp, type OperationKind } from '@holdfast/workflows/operation/operation';
import type { Ending, Finished, RunRef } from '@holdfast/workflows/operation/ports';
import { lockWorkspace, type WorkspaceRow } from '../workspace/workspace-row.ts';
import { failWorkspace } from '../workspace/fail-workspace.ts';
import { announceOperation } from './notices.ts';
import { inputOf, openOwner, type OperationRow, readOperation, toldFailure } from './operation-row.ts';
import { nextInLine, promote } from './promote.ts';
import { oweStopping, stopBoxes } from './settle.ts';
import { recordStep } from './steps.ts';

export type FinishOrder = RunRef & { kind: OperationKind; ending?: Ending };

/**
 * The last step of every run, whether it did its work, failed, or never owned the workspace: ends the operation if it
 * is this run's, hands the workspace to the oldest queued one, and says what owns it now. May run any number of times.
 */
export async function finishOperation(db: Database, order: FinishOrder): Promise<Finished> {
  return db.$transaction(async (tx) => {
    const workspace = await lockWorkspace(tx, order.workspaceId);
    const operation = await readOperation(tx, order.operationId);
    if (operation) await endOwn(tx, workspace, operation, order);
    // A row that is gone, with a database restored from before the request, is nobody's.
    const ended = await readOperation(tx, order.operationId);
    return { state: ended?.state ?? 'superseded', ...failureOf(ended), ...(await nextOf(tx, order.workspaceId)) };
  });
}

const failureOf = (operation: OperationRow | null): Pick<Finished, 'failure'> =>
  operation?.state === 'failed' ? { failure: toldFailure(operation) } : {};

/**
 * Of a box that crashed while it booted the rows keep what its watcher said; the run was told a sentence, which that
 * takes the place of. The row of the workspace has it of the last box that crashed.
 */
async function failureTextOf(tx: Tx, workspace: WorkspaceRow | null, ending: Ending): Promise<string | null> {
  const told = ending.failureText === undefined ? null : withReason(ending.failureText, ending.failureFacts);
  if (ending.failureCode !== 'BOOT_FAILED' || !workspace) return told;
  const row = await tx.workspace.findUnique({ where: { id: workspace.id }, select: { lastSampleError: true } });
  const said = row?.lastSampleError;
  if (!said) return told;
  const { says } = failures.BOOT_FAILED;
  const at = told?.lastIndexOf(says) ?? -1;
  return told === null || at < 0 ? said : told.slice(0, at) + said + told.slice(at + says.length);
}

async function endOwn(
  tx: Tx,
  workspace: WorkspaceRow | null,
  operation: OperationRow,
  order: FinishOrder,
): Promise<void> {
  if (operation.state !== 'running' || operation.run_id !== order.runId) return;
  if (workspace && workspace.operation_id !== operation.id) return;
  const ending = order.ending ?? (workspace ? undefined : endingOfErased(operation));
  if (ending) await end(tx, workspace, operation, ending);
}

/**
 * A purge that ran again after its commit finds no workspace of its own and comes here without an ending: that there
 * is none is its success.
 */
const endingOfErased = (operation: OperationRow): Ending | undefined =>
  operation.kind === 'delete' ? { state: 'succeeded' } : undefined;

/** Ends an operation and gives its workspace to the next one. The caller holds the lock, and has seen that it may. */
export async function end(
  tx: Tx,
  workspace: WorkspaceRow | null,
  operation: OperationRow,
  attempt: Ending,
): Promise<void> {
  const isTrue = attempt.state !== 'compensated' && (await cameTrue(tx, workspace, operation));
  const ending = isTrue ? cameTo(workspace, operation, attempt) : attempt;
  const [queued] = workspace ? await nextInLine(tx, workspace, operation.id) : [];
  await tx.$executeRaw`
    UPDATE operations SET state = ${ending.state}::operation_state, ended_at = clock_timestamp(),
      failure_code = ${ending.failureCode ?? null}, failure_text = ${await failureTextOf(tx, workspace, ending)},
      coalesced_into = ${ending.state === 'coalesced' ? (queued?.id ?? null) : null}::uuid
    WHERE id = ${operation.id}::uuid`;
  await recordStep(tx, {
    operationId: operation.id,
    cycle: operation.cycle,
    step: 'finish',
    state: ending.state === 'failed' ? 'failed' : 'done',
    ...(ending.failureText ? { detail: ending.failureText } : {}),
  });
  await announceOperation(tx, operation.id);
  if (!workspace) return;
  await leaveNothingBehind(tx, workspace, operation, ending);
  if (queued) return promote(tx, workspace, queued);
  await tx.$executeRaw`UPDATE workspaces SET operation_id = NULL WHERE id = ${workspace.id}::uuid`;
  if (isBringUp(operation.kind) && (ending.state === 'failed' || ending.state === 'cancelled')) {
    await failWorkspace(tx, workspace, operation.id, ending);
  }
}

/**
 * No box may be in the making or being stopped with nobody at it. Usually there is none: the undo has settled, except
 * after the deadline, when a late agent may still come.
 */
async function leaveNothingBehind(
  tx: Tx,
  workspace: WorkspaceRow,
  operation: OperationRow,
  ending: Ending,
): Promise<void> {
  const undone =
    isBringUp(operation.kind) &&
    (ending.state === 'cancelled' || (ending.state === 'failed' && ending.failureCode !== 'AGENT_TIMEOUT'));
  if (undone) {
    await stopBoxes(tx, workspace.id, { operationId: operation.id, ownOnly: true });
    await giveAddressBack(tx, workspace.id);
  }
  await oweStopping(tx, workspace.id, 'the operation that was stopping it has ended');
}

/** A box that the bring-up had found and not touched is reached where it was before. */
async function giveAddressBack(tx: Tx, workspaceId: string): Promise<void> {
  await tx.$executeRaw`
    UPDATE workspaces w SET url = b.url, internal_url = coalesce(b.internal_url, b.url)
    FROM boxes b WHERE w.id = ${workspaceId}::uuid AND b.id = w.box_id AND b.state = 'running' AND b.url IS NOT NULL`;
}

/** What came true: a switch that ended where it began is compensated, everything else has succeeded. */
const cameTo = (workspace: WorkspaceRow | null, { kind, request }: OperationRow, attempt: Ending): Ending =>
  kind === 'switch' && workspace?.provider !== request['provider_to']
    ? { ...attempt, state: 'compensated' }
    : { state: 'succeeded' };

/** A bring-up whose agent registered at the last moment has succeeded, whatever the run believed; so has a hibernation. */
async function cameTrue(tx: Tx, workspace: WorkspaceRow | null, operation: OperationRow): Promise<boolean> {
  if (operation.kind === 'hibernate') return workspace?.status === 'hibernated';
  if (!isBringUp(operation.kind)) return false;
  const found = await tx.box.count({
    where: {
      operationId: operation.id,
      cycle: operation.cycle,
      registeredAt: { not: null },
      state: { in: ['creating', 'running'] },
    },
  });
  return found > 0;
}

/** The operation that owns the workspace now and has not begun. */
async function nextOf(tx: Tx, workspaceId: string): Promise<Pick<Finished, 'next'>> {
  const workspace = await lockWorkspace(tx, workspaceId);
  const owner = workspace && (await openOwner(tx, workspace));
  return workspace && owner?.state === 'accepted' ? { next: inputOf(owner, workspace.provider) } : {};
}
