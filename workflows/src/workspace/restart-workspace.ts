import type { OperationInput } from '../operation/operation.ts';
import { type OperationResult, runOperation } from '../operation/run-operation.ts';
import { bringUp, undoBringUp } from './bring-up.ts';

/** Brings the agent of a workspace up anew, with what has changed since. */
export function restartWorkspace(input: OperationInput): Promise<OperationResult> {
  return runOperation(input, { carryOut: bringUp, undo: undoBringUp, unexpected: 'START_FAILED' });
}
