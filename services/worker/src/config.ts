import os from 'node:os';
import { z } from 'zod';

const blankIsUnset = (value: unknown): unknown => (value === '' ? undefined : value);
const text = (fallback?: string) => z.preprocess(blankIsUnset, fallback === undefined ? z.string().optional() : z.string().default(fallback));
const milliseconds = (fallback: number) => z.preprocess(blankIsUnset, z.coerce.number().int().positive().default(fallback));

/** Everything the worker reads from its environment. */
export const WorkerConfig = z.object({
  DATABASE_URL: z.preprocess(blankIsUnset, z.url({ error: 'set it to the address of the Postgres database' })),
  DATABASE_CONNECTIONS: milliseconds(10).describe('connections this process may hold'),
  TEMPORAL_ADDRESS: text('127.0.0.1:7233').describe('host and port of the Temporal frontend'),
  TEMPORAL_NAMESPACE: text('workspaces').describe('namespace of the operations'),
  TEMPORAL_LOOPS_NAMESPACE: text('holdfast-loops').describe('namespace of the periodic loops'),
  HOLDFAST_QUEUE: text('operations').describe('task queue of the operations'),
  HOLDFAST_LOOPS_QUEUE: text('loops').describe('task queue of the loops'),
  HOLDFAST_OWNER: z.preprocess(blankIsUnset, z.string({ error: 'set it to the id that marks the boxes of this installation' })),
  HOLDFAST_HOST: text(os.hostname()).describe('name of this host; boxes stay on the host that made them'),
  HOLDFAST_WORKFLOW_BUNDLE: text().describe('prebuilt workflow bundle; bundled at start when absent'),
  SECRETS_ENCRYPTION_KEY: z.preprocess(blankIsUnset, z.string({ error: 'set it to base64 of 32 random bytes' })),
  DISPATCH_INTERVAL_MS: milliseconds(500).describe('how often forgotten operations are poked'),
  REALITY_CHECK_INTERVAL_MS: milliseconds(15_000).describe('how often running operations are compared with Temporal'),
  OWED_BOXES_INTERVAL_MS: milliseconds(15_000).describe('how often owed boxes are tried again'),
  OPERATION_GATHER_MS: milliseconds(50).describe('how long requests are gathered before another cycle'),
  OPERATION_SETTLE_MS: milliseconds(120_000).describe('how long stopping a box may take before it is owed'),
  OPERATION_START_MS: milliseconds(180_000).describe('how long preparing and starting a box may take'),
  OPERATION_HEARTBEAT_MS: milliseconds(15_000).describe('how soon a dead worker is noticed'),
  WORKFLOW_TASK_TIMEOUT_MS: milliseconds(10_000).describe('how long Temporal waits for a worker that took a task'),
  LOG_LEVEL: text('info'),
});
export type WorkerConfig = z.infer<typeof WorkerConfig>;

/** @throws Error with one line for each mistake */
export function readConfig(environment: Record<string, string | undefined>): WorkerConfig {
  const parsed = WorkerConfig.safeParse(environment);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
}
