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

/** Adds one line to the operation's progress. A step that runs again after its commit adds nothing. */
export async function recordStep(tx: Tx, line: StepLine): Promise<void> {
  // Held first, so that two hosts never take the same number.
  await tx.$executeRaw`SELECT 1 FROM operations WHERE id = ${line.operationId}::uuid FOR UPDATE`;
  await tx.$executeRaw`
    WITH added AS (
      INSERT INTO operation_steps (operation_id, seq, step, cycle, state, detail, at)
      SELECT o.id, (SELECT coalesce(max(seq), 0) + 1 FROM operation_steps WHERE operation_id = o.id),
             ${line.step}, ${line.cycle}, ${line.state}, ${line.detail ?? null}, clock_timestamp()
      FROM operations o WHERE o.id = ${line.operationId}::uuid
      ON CONFLICT (operation_id, cycle, step, state) DO NOTHING
      RETURNING operation_id
    ), current AS (
      UPDATE operations SET phase = ${line.step} WHERE id IN (SELECT operation_id FROM added)
    )
    SELECT pg_notify(${operationChannel}, operation_id::text) FROM added`;
}
