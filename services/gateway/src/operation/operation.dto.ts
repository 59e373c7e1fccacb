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

const Facts = z.record(z.string(), z.unknown());

const members = {
  id: z.uuid(),
  seq: z.int().describe('Order of acceptance across the installation; what `before` pages by.'),
  workspace_id: z.uuid(),
  kind: z.enum(operationKinds),
  state: z.enum(operationStates),
  actor: z.string().describe('Who asked for it.'),
  reason: z.string().nullable(),
  parent_id: z.uuid().nullable().describe('The request it is part of, where several workspaces are changed at once.'),
  tree_root: z.uuid().nullable().describe('The workspace whose tree that request is about.'),
  phase: z.string().nullable().describe('The step it is in, or was in when it ended.'),
  cycle: z.int(),
  prior_status: z.enum(workspaceStatuses).nullable(),
  cycle_request: Facts.describe('What the cycle that runs was asked for, such as a template.'),
  restart_context: Facts.nullable().describe(
    'What the agent is to be told about its last session; names, never values.',
  ),
  cancel_requested_at: Moment.nullable(),
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

const Id = (says: string) =>
  z
    .guid(says)
    .transform((id) => id.toLowerCase())
    .optional();
const Instant = (name: string) => z.iso.datetime({ offset: true, error: `${name} must be an RFC 3339 timestamp` });
const Whole = (name: string, least: number, most: number) =>
  z.coerce
    .number(`${name} must be a number`)
    .int(`${name} must be a whole number`)
    .min(least, `${name} must be ${least} to ${most}`)
    .max(most, `${name} must be ${least} to ${most}`);

/** Newest first; `state=open` means accepted or running. The next page is what comes `before` the last `seq`. */
export const OperationQuery = z.object({
  state: z.enum([...operationStates, 'open'], 'unknown operation state').optional(),
  kind: z.enum(operationKinds, 'unknown operation kind').optional(),
  workspace_id: Id('invalid workspace ID'),
  actor: z.string().max(200, 'actor is too long').optional().describe('Who asked, as the list shows it.'),
  parent_id: Id('invalid operation ID').describe('The members of one request.'),
  failure_code: z.string().max(100, 'failure_code is too long').optional(),
  since: Instant('since').optional().describe('Accepted at this moment or later.'),
  until: Instant('until').optional().describe('Accepted before this moment.'),
  before: Whole('before', 1, Number.MAX_SAFE_INTEGER).optional().describe('Only operations with a smaller seq.'),
  limit: Whole('limit', 1, MOST_LISTED).default(50),
});
export type OperationQuery = z.output<typeof OperationQuery>;
