import { z } from 'zod';
import { dryRunMember } from '../dry-run/dry-run.dto.ts';

const INVALID = 'invalid JSON body';
const operationId = z.uuid().describe('The operation that carries it out.');

const RestartWishes = z
  .object({
    template: z
      .string()
      .max(255, INVALID)
      .nullish()
      .describe('Applies this template; one that is not there is ignored.'),
    apply_template: z
      .boolean()
      .nullish()
      .describe('Applies the template that has the name of the workspace, else the default of its runtime.'),
    reset: z.boolean().nullish().describe('Forgets the sessions of the agent.'),
    rebuild_config: z.boolean().nullish().describe('Applies the org template that has the name of the workspace.'),
  })
  .meta({ id: 'RestartWorkspace' });

/** No body asks for nothing special: the configuration of the workspace is left alone. */
export const RestartWorkspace = z.preprocess((body) => body ?? {}, RestartWishes);
export type RestartWorkspace = z.output<typeof RestartWorkspace>;

export const RestartQuery = z.object({
  reset: z.string().optional().describe('true is the same as in the body.'),
  ...dryRunMember,
});
export type RestartQuery = z.output<typeof RestartQuery>;

export const RestartedWorkspace = z
  .object({
    status: z.enum(['provisioning', 'noop']),
    config_dir: z.string().optional().describe('The template that is applied; existing-volume when none is.'),
    reset_session: z.boolean().optional(),
    operation_id: operationId.optional(),
    runtime: z.string().optional().describe('With noop: the runtime for which the platform runs no box.'),
    message: z.string().optional().describe('With noop: why nothing was done.'),
  })
  .meta({ id: 'RestartedWorkspace' });
export type RestartedWorkspace = z.output<typeof RestartedWorkspace>;

export const PausedWorkspace = z
  .object({
    status: z.literal('paused'),
    paused_count: z.int().describe('With the workspaces below it.'),
    operation_id: operationId.optional(),
  })
  .meta({ id: 'PausedWorkspace' });
export type PausedWorkspace = z.output<typeof PausedWorkspace>;

export const ResumedWorkspace = z
  .object({
    status: z.literal('provisioning'),
    resumed_count: z.int().describe('With the workspaces below it.'),
    operation_id: operationId.optional(),
  })
  .meta({ id: 'ResumedWorkspace' });
export type ResumedWorkspace = z.output<typeof ResumedWorkspace>;

export const HibernateQuery = z.object({
  force: z.string().optional().describe('true ends the tasks of the agent instead of refusing.'),
  ...dryRunMember,
});
export type HibernateQuery = z.output<typeof HibernateQuery>;

export const HibernatedWorkspace = z
  .object({
    status: z.enum(['hibernated', 'hibernating']).describe('hibernating: it is not known yet how it ends.'),
    operation_id: operationId,
  })
  .meta({ id: 'HibernatedWorkspace' });
export type HibernatedWorkspace = z.output<typeof HibernatedWorkspace>;

export const WokenWorkspace = z
  .object({ status: z.literal('waking'), operation_id: operationId })
  .meta({ id: 'WokenWorkspace' });
export type WokenWorkspace = z.output<typeof WokenWorkspace>;

export const CollapsedWorkspace = z
  .object({
    status: z.literal('collapsed'),
    removed: z.array(z.string()).describe('Names of the children that are removed.'),
    operation_ids: z.array(z.uuid()).describe('The operations that stop the boxes, one for each workspace below.'),
  })
  .meta({ id: 'CollapsedWorkspace' });
export type CollapsedWorkspace = z.output<typeof CollapsedWorkspace>;
