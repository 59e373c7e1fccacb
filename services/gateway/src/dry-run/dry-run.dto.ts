import { boxStates } from '@holdfast/workflows/box/box';
import { operationKinds } from '@holdfast/workflows/operation/operation';
import { workspaceStatuses } from '@holdfast/workflows/workspace/status';
import { z } from 'zod';

/** Anything but these two is refused: a misspelt wish for a plan must not become the change itself. */
export const dryRunMember = {
  dry_run: z
    .enum(['true', 'false'], 'dry_run must be true or false')
    .optional()
    .describe('Answers what would be done, and does nothing.'),
};

export const DryRunQuery = z.object(dryRunMember);
export type DryRunQuery = z.output<typeof DryRunQuery>;

const plannedVerbs = [
  'create',
  'restart',
  'pause',
  'resume',
  'hibernate',
  'wake',
  'switch',
  'collapse',
  'delete',
  'cancel',
  'retry',
  'update',
  'set-budget',
  'set-secret',
  'delete-secret',
  'set-model',
  'create-token',
  'revoke-token',
  'refresh-images',
] as const;
export type PlannedVerb = (typeof plannedVerbs)[number];

const PlannedTarget = z
  .object({
    workspace_id: z.uuid(),
    name: z.string(),
    status: z.enum(workspaceStatuses).describe('What the workspace would say right after the request.'),
    decision: z
      .enum(['run', 'preempt', 'queue', 'join', 'direct'])
      .describe(
        'run: at once; preempt: instead of what runs; queue: after it; join: it is what runs already; direct: rows only.',
      ),
    operation_kind: z.enum(operationKinds).nullable().describe('Null when no operation is needed.'),
    steps: z.array(z.string()).describe('The steps this kind of operation can take, in order.'),
    boxes: z
      .array(z.object({ id: z.uuid(), backend: z.string(), host: z.string(), state: z.enum(boxStates) }))
      .describe('Its boxes that are not gone.'),
  })
  .meta({ id: 'PlannedTarget' });
export type PlannedTarget = z.output<typeof PlannedTarget>;

const Change = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]));
/** What a request would write or ask for, by the names of its members. */
export type Change = z.output<typeof Change>;

export const DryRun = z
  .object({
    dry_run: z.literal(true),
    verb: z.enum(plannedVerbs),
    status: z
      .string()
      .describe(
        'The status that the request itself would be answered with, or what it does where its answer has none.',
      ),
    targets: z.array(PlannedTarget).describe('The workspaces that it is about.'),
    change: Change.optional().describe('What would be written besides; never the value of a secret, never a token.'),
  })
  .meta({ id: 'DryRun' });
export type DryRun = z.output<typeof DryRun>;
