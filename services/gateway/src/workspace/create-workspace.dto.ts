import { isMountable } from '@holdfast/activities/workspace/workspace-dir';
import { z } from 'zod';
import { INT32, isPlain, oneLinePattern } from './fields.ts';

const payload = 'invalid workspace payload';
const fields = 'invalid workspace fields';

const oneLine = (longest: number) => z.string().max(longest, fields).regex(oneLinePattern, fields);
const plainLine = (longest: number) => z.string().max(longest, fields).refine(isPlain, fields);
const int32 = z
  .int(payload)
  .min(-INT32 - 1, payload)
  .max(INT32, payload);
const directory = z.string().refine((text) => text === '' || isMountable(text), 'invalid workspace directory');

/** Where a box runs and what it is; every further key is kept. */
const Compute = z.looseObject({
  provider: z.enum(['aws', 'gcp', 'hetzner', ''], payload).nullish(),
  data_persistence: z.enum(['persist', 'ephemeral', ''], payload).nullish(),
  instance_type: z.string().max(100, payload).nullish(),
  volume: z.looseObject({ root_gb: z.int(payload).min(30, payload).max(500, payload).nullish() }).nullish(),
  display: z
    .looseObject({
      mode: z.enum(['none', 'desktop-control', 'gpu-desktop-control'], payload).nullish(),
      width: z.int(payload).min(800, payload).max(3840, payload).nullish(),
      height: z.int(payload).min(600, payload).max(2160, payload).nullish(),
      protocol: z.enum(['dcv', 'novnc'], payload).nullish(),
    })
    .nullish(),
});

/** The body of a create. Null means the same as left out, everywhere. */
export const CreateWorkspace = z
  .object({
    name: plainLine(255).min(1, payload),
    role: plainLine(1000).nullish(),
    model: oneLine(100).nullish(),
    runtime: oneLine(100).nullish(),
    tier: int32.nullish().describe('1 sandboxed, 2 standard, 3 privileged, 4 full host; 3 when left out or 0.'),
    template: z.string().max(255, 'invalid template').nullish().describe('Name of a folder of the template root.'),
    workspace_dir: directory.nullish().describe('Host directory to mount at /workspace.'),
    workspace_access: z.enum(['none', 'read_only', 'read_write', ''], 'invalid workspace access').nullish(),
    delivery_mode: z.enum(['push', 'poll', ''], "delivery_mode must be 'push' or 'poll'").nullish(),
    external: z.boolean().nullish().describe('The agent is run by its operator: the platform makes no box.'),
    url: z.string().max(2048, fields).nullish().describe('Where an external agent is reached.'),
    parent_id: z.guid(payload).nullish(),
    budget_limit: z.int(payload).min(0, payload).nullish().describe('US cents a month; left out: no limit.'),
    max_concurrent_tasks: int32.nullish(),
    secrets: z.record(z.string(), z.string()).nullish(),
    canvas: z.object({ x: z.number().nullish(), y: z.number().nullish() }).nullish(),
    initial_memories: z.array(z.object({ content: z.string().nullish(), scope: z.string().nullish() })).nullish(),
    compute: Compute.nullish(),
  })
  .refine(({ workspace_access: access, workspace_dir: dir }) => !access || access === 'none' || Boolean(dir), {
    error: 'invalid workspace access',
    path: ['workspace_access'],
  })
  .meta({ id: 'CreateWorkspace' });
export type CreateWorkspace = z.output<typeof CreateWorkspace>;

const Connection = z
  .object({
    workspace_id: z.uuid(),
    platform_url: z.string(),
    auth_token: z.string().describe('Shown once.'),
    registry_endpoint: z.string(),
    heartbeat_endpoint: z.string(),
    curl_register_template: z.string(),
    python_snippet: z.string(),
    claude_code_channel_snippet: z.string(),
  })
  .meta({ id: 'Connection' });
export type Connection = z.output<typeof Connection>;

export const CreatedWorkspace = z
  .object({
    id: z.uuid(),
    status: z.enum(['provisioning', 'online', 'awaiting_agent']),
    awareness_namespace: z.string().optional(),
    workspace_access: z.string().optional(),
    operation_id: z.uuid().optional().describe('The operation that provisions it.'),
    external: z.literal(true).optional(),
    connection: Connection.optional().describe('What an external agent needs, once.'),
  })
  .meta({ id: 'CreatedWorkspace' });
export type CreatedWorkspace = z.output<typeof CreatedWorkspace>;
