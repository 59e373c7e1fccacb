import type { Tx } from '@holdfast/prisma';
import { operationChannel } from './notices.ts';

export type StepState = 'begun' | 'done' | 'failed';

export interface StepLine {
  operationId: string;
  cycle: number;
  step: string;
  state: StepState;
  /** For people; never a secret. */
  detail?: string;
}

/**
 * Adds one line to the operation's progress. A step that runs again after its commit adds nothing. One statement, which
 * holds the operation's row: two hosts never take the same number, and lines become visible in its order.
 */
export async function recordStep(tx: Tx, line: StepLine): Promise<void> {
  await tx.$executeRaw`
    WITH numbered AS (
      UPDATE operations SET step_seq = step_seq + 1, phase = ${line.step}
      WHERE id = ${line.operationId}::uuid AND NOT EXISTS (
        SELECT 1 FROM operation_steps s
        WHERE s.operation_id = operations.id AND s.cycle = ${line.cycle} AND s.step = ${line.step} AND s.state = ${line.state})
      RETURNING id, step_seq
    ), added AS (
      INSERT INTO operation_steps (operation_id, seq, step, cycle, state, detail, at)
      SELECT id, step_seq, ${line.step}, ${line.cycle}, ${line.state}, ${line.detail ?? null}, clock_timestamp() FROM numbered
      -- The same line by two at once: the second one began to look before the first had committed.
      ON CONFLICT (operation_id, cycle, step, state) DO NOTHING
      RETURNING operation_id
    )
    SELECT pg_notify(${operationChannel}, operation_id::text) FROM added`;
}

/** Whether a step of the operation was done before: what runs again, however late, finds that and leaves it at that. */
export async function isDone(tx: Tx, operationId: string, step: string): Promise<boolean> {
  return (await tx.operationStep.count({ where: { operationId, step, state: 'done' } })) > 0;
}
