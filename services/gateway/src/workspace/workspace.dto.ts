import { isMountable } from '@holdfast/activities/workspace/workspace-dir';
import { workspaceStatuses } from '@holdfast/workflows/workspace/status';
import { z } from 'zod';
import { dryRunMember } from '../dry-run/dry-run.dto.ts';
import { INT32, isPlain, oneLinePattern } from './fields.ts';

const Status = z.enum(workspaceStatuses);

const common = {
  id: z.uuid(),
  name: z.string(),
  role: z.string().nullable(),
  tier: z.int(),
  status: Status,
  url: z.string(),
  runtime: z.string(),
  parent_id: z.uuid().nullable(),
  agent_card: z.unknown().nullable(),
  active_tasks: z.int(),
  max_concurrent_tasks: z.int(),
  uptime_seconds: z.int(),
  last_error_rate: z.number(),
  x: z.number(),
  y: z.number(),
  collapsed: z.boolean(),
  provision_timeout_ms: z.int().optional().describe('Left out when no template of the runtime declares one.'),
};

export const WorkspaceView = z
  .object({ ...common, last_outbound_at: z.iso.datetime().nullable() })
  .meta({ id: 'Workspace' });

export const WorkspaceListView = z
  .array(
    z
      .object({
        ...common,
        current_task: z.string(),
        last_sample_error: z.string(),
        workspace_dir: z.string().nullable(),
        monthly_spend: z.int().describe('US cents.'),
        budget_limit: z.int().nullable().describe('US cents; null is no limit.'),
      })
      .meta({ id: 'ListedWorkspace' }),
  )
  .meta({ id: 'WorkspaceList' });

const text = (longest: number, name: string) =>
  z
    .string()
    .max(longest, `${name} must be at most ${longest} characters`)
    .refine(isPlain, `${name} contains characters that are not allowed`);

/** Everything else in the body is ignored: an agent must not raise its own budget here. */
export const PatchWorkspace = z
  .object({
    name: text(255, 'name').min(1, 'name must not be empty').optional(),
    role: text(1000, 'role').nullish(),
    tier: z.int().min(1, 'tier must be at least 1').max(INT32, 'tier is too large').optional(),
    runtime: z
      .string()
      .min(1, 'runtime must not be empty')
      .max(100, 'runtime must be at most 100 characters')
      .regex(oneLinePattern, 'runtime must be one line')
      .optional(),
    parent_id: z.guid('invalid request body').nullish().describe('Null detaches it.'),
    workspace_dir: z
      .string()
      .refine((value) => value === '' || isMountable(value), 'invalid workspace directory')
      .nullish()
      .describe('Null clears it; the workspace needs a restart then.'),
    collapsed: z.boolean().optional(),
    x: z.number().optional().describe('Together with y.'),
    y: z.number().optional(),
  })
  .meta({ id: 'PatchWorkspace' });
export type PatchWorkspace = z.output<typeof PatchWorkspace>;

export const PatchedWorkspace = z
  .object({ status: z.literal('updated'), needs_restart: z.literal(true).optional() })
  .meta({ id: 'PatchedWorkspace' });
export type PatchedWorkspace = z.output<typeof PatchedWorkspace>;

/** `confirm=true` agrees to lose the children, `purge=true` erases the data as well. Any other value is no. */
export const DeleteQuery = z.object({
  confirm: z.string().optional(),
  purge: z.string().optional(),
  ...dryRunMember,
});
export type DeleteQuery = z.output<typeof DeleteQuery>;

export const DeletedWorkspace = z
  .object({
    status: z.enum(['removed', 'purged']),
    cascade_deleted: z.int(),
    operation_id: z.uuid().optional().describe('The operation that stops its boxes, while or after it runs.'),
  })
  .meta({ id: 'DeletedWorkspace' });
export type DeletedWorkspace = z.output<typeof DeletedWorkspace>;

export const WorkspaceState = z
  .object({ workspace_id: z.uuid(), status: Status, paused: z.boolean(), deleted: z.literal(false) })
  .meta({ id: 'WorkspaceState' });
export type WorkspaceState = z.output<typeof WorkspaceState>;
