import { type FailureCode, failures } from '@holdfast/workflows/failure/failures';
import { workflowId } from '@holdfast/workflows/operation/operation';
import type { Operation, OperationStep } from '@holdfast/prisma';
import type { OperationView, StepView } from './operation.dto.ts';

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
  failure: row.failureCode === null ? null : failureView(row.failureCode, row.failureText),
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
function failureView(code: string, text: string | null): OperationView['failure'] {
  const known = code in failures ? failures[code as FailureCode] : failures.INTERNAL;
  return { code, text: text ?? known.says, next_step: known.next };
}
