import type { OperationInput } from '../operation/operation.ts';
import { type OperationResult, runOperation } from '../operation/run-operation.ts';
import { bringUp, undoBringUp } from './bring-up.ts';

/** Brings a hibernated workspace back. */
export function wakeWorkspace(input: OperationInput): Promise<OperationResult> {
  return runOperation(input, { carryOut: bringUp, undo: undoBringUp, unexpected: 'START_FAILED' });
}
