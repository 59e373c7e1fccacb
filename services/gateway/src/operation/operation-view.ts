import { type FailureCode, failures } from '@holdfast/workflows/failure/failures';
import { workflowId } from '@holdfast/workflows/operation/operation';
import type { Operation, OperationStep } from '@holdfast/prisma';
import type { OperationView, StepView } from './operation.dto.ts';

const UNDONE = 'Mend the cause, then ask for the change again: the workspace is back where it was.';

export const operationView = (row: Operation): OperationView => ({
  id: row.id,
  seq: Number(row.seq),
  workspace_id: row.workspaceId,
  kind: row.kind,
  state: row.state,
  actor: row.actor,
  reason: row.reason,
  parent_id: row.parentId,
  tree_root: row.treeRoot,
  phase: row.phase,
  cycle: row.cycle,
  prior_status: row.priorStatus,
  cycle_request: row.cycleRequest as Record<string, unknown>,
  restart_context: row.restartContext as Record<string, unknown> | null,
  cancel_requested_at: row.cancelRequestedAt?.toISOString() ?? null,
  failure: row.failureCode === null ? null : failureView(row.failureCode, row),
  superseded_by: row.supersededBy,
  coalesced_into: row.coalescedInto,
  accepted_at: row.acceptedAt.toISOString(),
  began_at: row.beganAt?.toISOString() ?? null,
  deadline_at: row.deadlineAt?.toISOString() ?? null,
  ended_at: row.endedAt?.toISOString() ?? null,
  workflow_id: workflowId(row.workspaceId),
  run_id: row.runId,
});

export const stepView = ({ seq, step, cycle, state, detail, at }: OperationStep): StepView => ({
  seq,
  step,
  cycle,
  state: state as StepView['state'],
  detail,
  at: at.toISOString(),
});

/** A code of another version of the catalogue is shown as it is. */
function failureView(code: string, { failureText, state }: Operation): OperationView['failure'] {
  const known = code in failures ? failures[code as FailureCode] : failures.INTERNAL;
  // The workspace needs nothing: what it would need if it had stayed where it failed is wrong here.
  const next = state === 'compensated' ? UNDONE : known.next;
  return { code, text: failureText ?? known.says, next_step: next };
}
