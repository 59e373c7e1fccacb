import { operationKinds, operationStates } from '@holdfast/workflows/operation/operation';
import { workspaceStatuses } from '@holdfast/workflows/workspace/status';
import { z } from 'zod';

const Moment = z.iso.datetime();

export const StepView = z
  .object({
    seq: z.int().describe('Order within the operation; the id of the step in the event stream.'),
    step: z.string(),
    cycle: z.int(),
    state: z.enum(['begun', 'done', 'failed']),
    detail: z.string().nullable(),
    at: Moment,
  })
  .meta({ id: 'OperationStep' });
export type StepView = z.output<typeof StepView>;

const members = {
  id: z.uuid(),
  workspace_id: z.uuid(),
  kind: z.enum(operationKinds),
  state: z.enum(operationStates),
  actor: z.string().describe('Who asked for it.'),
  reason: z.string().nullable(),
  parent_id: z.uuid().nullable(),
  phase: z.string().nullable().describe('The step it is in, or was in when it ended.'),
  cycle: z.int(),
  prior_status: z.enum(workspaceStatuses).nullable(),
  failure: z.object({ code: z.string(), text: z.string(), next_step: z.string() }).nullable(),
  superseded_by: z.uuid().nullable(),
  coalesced_into: z.uuid().nullable(),
  accepted_at: Moment,
  began_at: Moment.nullable(),
  deadline_at: Moment.nullable(),
  ended_at: Moment.nullable(),
  workflow_id: z.string().describe('Where to find it in the Temporal Web UI.'),
  run_id: z.string().nullable(),
};

export const OperationView = z.object(members).meta({ id: 'Operation' });
export type OperationView = z.output<typeof OperationView>;

export const OperationDetail = z.object({ ...members, steps: z.array(StepView) }).meta({ id: 'OperationDetail' });
export type OperationDetail = z.output<typeof OperationDetail>;

export const OperationList = z.array(OperationView).meta({ id: 'OperationList' });
export type OperationList = z.output<typeof OperationList>;

const MOST_LISTED = 500;

/** Newest first; `state=open` means accepted or running. */
export const OperationQuery = z.object({
  state: z.enum([...operationStates, 'open'], 'unknown operation state').optional(),
  kind: z.enum(operationKinds, 'unknown operation kind').optional(),
  limit: z.coerce
    .number('limit must be a number')
    .int('limit must be a whole number')
    .min(1, 'limit must be 1 to 500')
    .max(MOST_LISTED, 'limit must be 1 to 500')
    .default(50),
});
export type OperationQuery = z.output<typeof OperationQuery>;
