import { sleep } from '@temporalio/workflow';
import type { OperationInput } from '@holdfast/workflows/operation/operation';
import { runOperation, type OperationResult } from '@holdfast/workflows/operation/run-operation';
import { bringUp, undoBringUp } from '@holdfast/workflows/workspace/bring-up';

/** The workflow as somebody might change it without thinking of the runs that are open: one more wait at the start. */
export async function provisionWorkspace(input: OperationInput): Promise<OperationResult> {
  await sleep(10);
  return runOperation(input, { carryOut: bringUp, undo: undoBringUp, unexpected: 'START_FAILED' });
}
