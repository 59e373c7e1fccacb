import { settle } from '../box/settle.ts';
import { refuse } from '../failure/codes.ts';
import { rows } from '../operation/calls.ts';
import type { OperationInput } from '../operation/operation.ts';
import type { Run } from '../operation/run.ts';
import { type OperationResult, runOperation } from '../operation/run-operation.ts';

/** Stops an idle workspace. It sleeps when no box of it is left: nobody pays for a box behind a sleeping row. */
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
  run.tell(hibernated ? 'the box is stopped' : 'not every box is stopped: it is not asleep');
  return hibernated;
}
