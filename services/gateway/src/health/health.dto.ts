import { z } from 'zod';

export const HealthView = z.object({ status: z.literal('ok') }).meta({ id: 'Health' });
export type HealthView = z.output<typeof HealthView>;

const Part = z.enum(['up', 'down']);

export const ReadyView = z
  .object({
    status: z.enum(['ready', 'unavailable']),
    database: Part,
    temporal: Part.describe('Requests are accepted without it; operations wait until it is back.'),
    backends: z.array(z.string()).describe('Kinds of backends some worker serves now.'),
  })
  .meta({ id: 'Ready' });
export type ReadyView = z.output<typeof ReadyView>;

export const LivenessView = z
  .object({
    subsystems: z.record(
      z.string(),
      z.object({
        last_tick_at: z.string(),
        seconds_ago: z.int(),
        stale: z.boolean().describe('Older than twice its period.'),
        detail: z.record(z.string(), z.unknown()).describe('What the last tick did.'),
      }),
    ),
  })
  .meta({ id: 'Liveness' });
export type LivenessView = z.output<typeof LivenessView>;

export const BackendsView = z
  .array(z.object({ host: z.string(), kind: z.string(), seen_at: z.string(), away: z.boolean() }))
  .meta({ id: 'Backends' });
export type BackendsView = z.output<typeof BackendsView>;
