import type { Beat } from '@holdfast/activities/agent/beat';
import { z } from 'zod';

const invalid = 'invalid request body';

const workspaceId = z.guid(invalid).transform((id) => id.toLowerCase());
const card = z.unknown().describe('What the agent says about itself: any JSON, kept as it is.');
const text = z.string(invalid).nullish();
const count = z.int(invalid).nullish();

export const RegisterAgent = z
  .object({
    id: workspaceId.describe('The workspace.'),
    agent_card: card,
    delivery_mode: z
      .enum(['push', 'poll', ''], "delivery_mode must be 'push' or 'poll'")
      .nullish()
      .describe('Left out: as before.'),
    url: z
      .string(invalid)
      .max(2048, invalid)
      .nullish()
      .describe('Where messages are pushed to; needed in push mode. Ignored for boxes of the platform.'),
  })
  .meta({ id: 'RegisterAgent' });
export type RegisterAgent = z.output<typeof RegisterAgent>;

export const RegisteredAgent = z
  .object({
    status: z.literal('registered'),
    delivery_mode: z.enum(['push', 'poll']).optional(),
    auth_token: z.string().optional().describe('Only for an agent that had none; shown once.'),
    platform_inbound_secret: z.string().optional().describe('What the platform presents when it calls the agent.'),
  })
  .meta({ id: 'RegisteredAgent' });
export type RegisteredAgent = z.output<typeof RegisteredAgent>;

const Declaration = z
  .looseObject({
    capabilities: z.record(z.string(), z.boolean(invalid)).nullish(),
    idle_timeout_seconds: count.describe(
      'Seconds of silence a message may take; not positive: the platform’s default.',
    ),
  })
  .nullish()
  .describe('What the runtime does by itself. Left out: as before; empty: nothing.');

export const Heartbeat = z
  .object({
    workspace_id: workspaceId,
    error_rate: z.number(invalid).nullish(),
    sample_error: text,
    active_tasks: count,
    uptime_seconds: count,
    current_task: text,
    monthly_spend: count.describe('US cents; 0 changes nothing.'),
    runtime_state: text.describe('"wedged" degrades the workspace.'),
    runtime_metadata: Declaration,
  })
  .meta({ id: 'Heartbeat' });
export type Heartbeat = z.output<typeof Heartbeat>;

export const HeardHeartbeat = z
  .object({
    status: z.literal('ok'),
    platform_inbound_secret: z.string().optional().describe('What the platform presents when it calls the agent.'),
  })
  .meta({ id: 'HeardHeartbeat' });
export type HeardHeartbeat = z.output<typeof HeardHeartbeat>;

export const UpdateCard = z.object({ workspace_id: workspaceId, agent_card: card }).meta({ id: 'UpdateCard' });
export type UpdateCard = z.output<typeof UpdateCard>;

export const UpdatedCard = z.object({ status: z.literal('updated') }).meta({ id: 'UpdatedCard' });
export type UpdatedCard = z.output<typeof UpdatedCard>;

/** What a heartbeat leaves out is nothing: a minimal one resets its columns. */
export function beatOf(body: Heartbeat, boxId: string | null): Beat {
  return {
    workspaceId: body.workspace_id,
    agent: { boxId },
    errorRate: body.error_rate ?? 0,
    sampleError: body.sample_error ?? '',
    activeTasks: body.active_tasks ?? 0,
    uptimeSeconds: body.uptime_seconds ?? 0,
    currentTask: body.current_task ?? '',
    monthlySpend: body.monthly_spend ?? 0,
    runtimeState: body.runtime_state ?? '',
    declaration: body.runtime_metadata ? (dropNulls(body.runtime_metadata) as Beat['declaration']) : null,
  };
}

/** A half that is null is one that was left out. */
const dropNulls = (block: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(block).filter(([, value]) => value !== null && value !== undefined));
