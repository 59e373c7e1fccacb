import { settle } from '../box/settle.ts';
import { refuse } from '../failure/codes.ts';
import { rows } from '../operation/calls.ts';
import type { OperationInput } from '../operation/operation.ts';
import type { Run } from '../operation/run.ts';
import { type OperationResult, runOperation } from '../operation/run-operation.ts';

/** Stops an idle workspace. One whose box does not stop goes on as before: nobody pays for a box behind a sleeping row. */
export function hibernateWorkspace(input: OperationInput): Promise<OperationResult> {
  return runOperation(input, {
    async carryOut(run) {
      await settle(run);
      if (!(await conclude(run))) refuse('HIBERNATE_FAILED');
    },
    async undo(run) {
      await conclude(run);
    },
    unexpected: 'HIBERNATE_FAILED',
  });
}

async function conclude(run: Run): Promise<boolean> {
  const { hibernated } = await run.own(() => rows.concludeHibernation(run.me));
  run.tell(hibernated ? 'the box is stopped' : 'the box is not stopped: back to how it was');
  return hibernated;
}
