import { boxStates } from '@holdfast/workflows/box/box';
import { operationKinds, operationStates } from '@holdfast/workflows/operation/operation';
import { z } from 'zod';

const Moment = z.iso.datetime();

export const BoxView = z
  .object({
    id: z.uuid(),
    workspace_id: z.uuid(),
    workspace_name: z.string().nullable().describe('Null when the workspace was purged.'),
    state: z.enum(boxStates),
    backend: z.string(),
    host: z.string(),
    provider: z.string().nullable(),
    external_id: z.string().nullable().describe('What the backend calls it.'),
    owner: z.string(),
    current: z.boolean().describe('Whether it is the box its workspace uses now.'),
    owed_reason: z.string().nullable().describe('Why it is still to be stopped.'),
    attempts: z.int().describe('How often a sweeper has tried to stop it.'),
    next_attempt_at: Moment.nullable(),
    created_at: Moment,
    started_at: Moment.nullable(),
    registered_at: Moment.nullable(),
    stopping_at: Moment.nullable(),
    gone_at: Moment.nullable(),
    operations: z
      .array(
        z.object({
          id: z.uuid(),
          kind: z.enum(operationKinds),
          state: z.enum(operationStates),
          accepted_at: Moment,
          made_it: z.boolean(),
        }),
      )
      .describe(
        'Operations that touched it: the one that made it and those that ran while it was there, oldest first.',
      ),
  })
  .meta({ id: 'Box' });
export type BoxView = z.output<typeof BoxView>;

export const BoxList = z.array(BoxView).meta({ id: 'BoxList' });
export type BoxList = z.output<typeof BoxList>;

/** Without `state`: every box that is not gone. */
export const BoxQuery = z.object({
  state: z.enum(boxStates, 'unknown box state').optional(),
  workspace_id: z.guid('invalid workspace ID').optional(),
  limit: z.coerce
    .number('limit must be a number')
    .int('limit must be a whole number')
    .min(1, 'limit must be 1 to 1000')
    .max(1000, 'limit must be 1 to 1000')
    .default(200),
});
export type BoxQuery = z.output<typeof BoxQuery>;
