import { settle } from '../box/settle.ts';
import type { OperationInput } from '../operation/operation.ts';
import { type OperationResult, runOperation } from '../operation/run-operation.ts';

/**
 * Stops what a paused workspace runs. Its row was marked paused by the request itself, and stays so whatever happens
 * here: a box that cannot be stopped is owed.
 */
export function pauseWorkspace(input: OperationInput): Promise<OperationResult> {
  return runOperation(input, { carryOut: (run) => settle(run), unexpected: 'INTERNAL', uncancellable: true });
}
