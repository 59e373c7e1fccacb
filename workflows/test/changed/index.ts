import { workflowInfo } from '@temporalio/workflow';
import { rows } from '@holdfast/workflows/operation/calls';
import type { OperationInput } from '@holdfast/workflows/operation/operation';
import { runOperation, type OperationResult } from '@holdfast/workflows/operation/run-operation';
import { bringUp, undoBringUp } from '@holdfast/workflows/workspace/bring-up';

/** The workflow as somebody might change it without thinking of the runs that are open: one more look at the start. */
export async function provisionWorkspace(input: OperationInput): Promise<OperationResult> {
  const { operationId, workspaceId } = input;
  await rows.lookAtOperation({ operationId, workspaceId, runId: workflowInfo().runId, cycle: 0 });
  return runOperation(input, { carryOut: bringUp, undo: undoBringUp, unexpected: 'START_FAILED' });
}
