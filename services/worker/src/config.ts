import os from 'node:os';
import { z } from 'zod';

const blankIsUnset = (value: unknown): unknown => (value === '' ? undefined : value);
const orUnset = <T extends z.ZodType>(schema: T) => z.preprocess(blankIsUnset, schema);
const whole = (fallback: number) => orUnset(z.coerce.number().int().positive().default(fallback));
const text = (fallback: string) => orUnset(z.string().default(fallback));
const optional = orUnset(z.string().optional());
const flag = orUnset(z.stringbool().default(false));

/** Everything the worker reads from its environment. */
export const WorkerConfig = z.object({
  DATABASE_URL: orUnset(z.url({ error: 'set it to the postgresql:// address of the database' })).describe('Postgres of the installation.'),
  DATABASE_CONNECTIONS: whole(10).describe('Connections this process may hold.'),
  TEMPORAL_ADDRESS: text('127.0.0.1:7233').describe('host:port of the Temporal server.'),
  TEMPORAL_NAMESPACE: text('workspaces').describe('Namespace of the operations.'),
  TEMPORAL_LOOPS_NAMESPACE: text('holdfast-loops').describe('Namespace of the periodic loops.'),
  HOLDFAST_QUEUE: text('operations').describe('Task queue of the operations; the same for gateway and worker.'),
  HOLDFAST_LOOPS_QUEUE: text('loops').describe('Task queue of the loops.'),
  HOLDFAST_OWNER: orUnset(z.string({ error: 'set it to the id that marks the boxes of this installation' })).describe(
    'Marks every box of this installation; never change it.',
  ),
  HOLDFAST_HOST: text(os.hostname()).describe('Name of this host: boxes stay where their volumes are.'),
  HOLDFAST_DATA_DIR: text('.data').describe('Folder for the boxes that are processes.'),
  HOLDFAST_AGENT: text('services/agent/dist/main.js').describe('Program of the reference agent, for boxes that are processes.'),
  HOLDFAST_WORKFLOW_BUNDLE: orUnset(z.string({ error: 'set it to the file the build made of the workflows' })).describe(
    'Prebuilt bundle of the workflows.',
  ),
  HOLDFAST_LAUNCHER: flag.describe('Set by the launcher: "auto" may then run boxes as processes.'),
  HOLDFAST_NETWORK: text('molecule-monorepo-net').describe('Docker network of the boxes.'),
  HOLDFAST_RUNTIMES: text('infra/runtimes.yaml').describe('File with the runtimes.'),
  HOLDFAST_AGENT_IMAGE: optional.describe('Image of the runtime "reference", when it was built locally.'),
  BACKEND: orUnset(z.enum(['auto', 'docker', 'process', 'none']).default('auto')).describe('Where this worker runs boxes.'),
  ADOPT_UNOWNED: flag.describe('Act on boxes that carry only the label of the platform before this one.'),
  SECRETS_ENCRYPTION_KEY: orUnset(z.string({ error: 'set it; "openssl rand -base64 32" makes one' })).describe(
    'Key that seals secrets: base64 of 32 bytes. The same for every gateway and worker.',
  ),
  PLATFORM_URL: text('http://host.docker.internal:8080').describe('Address of the gateway as boxes reach it.'),
  CONFIGS_DIR: optional.describe('Folder of the workspace templates.'),
  WORKSPACE_DIR: optional.describe('Host folder bound at /workspace when a workspace names none.'),
  AWARENESS_URL: optional.describe('Awareness service told to boxes.'),
  MOLECULE_IMAGE_PLATFORM: z.string().optional().describe('Platform of pulled images; set but empty leaves it to the engine.'),
  PROVISION_TIMEOUT_SECONDS: orUnset(z.coerce.number().int().positive().optional().catch(undefined)).describe(
    'How long any agent may take to register; by runtime when unset.',
  ),
  TIER2_MEMORY_MB: optional.describe('Memory of tier 2 in MiB.'),
  TIER2_CPU_SHARES: optional.describe('CPU of tier 2; 1024 is one.'),
  TIER3_MEMORY_MB: optional.describe('Memory of tier 3 in MiB.'),
  TIER3_CPU_SHARES: optional.describe('CPU of tier 3; 1024 is one.'),
  TIER4_MEMORY_MB: optional.describe('Memory of tier 4 in MiB.'),
  TIER4_CPU_SHARES: optional.describe('CPU of tier 4; 1024 is one.'),
  DISPATCH_INTERVAL_MS: whole(500).describe('How often forgotten operations are poked.'),
  REALITY_CHECK_INTERVAL_MS: whole(15_000).describe('How often running operations are compared with Temporal.'),
  OWED_BOXES_INTERVAL_MS: whole(15_000).describe('How often owed boxes are tried again.'),
  PRESENCE_INTERVAL_MS: whole(10_000).describe('How often this worker says which backends answer.'),
  OPERATION_GATHER_MS: whole(50).describe('How long requests are gathered before another cycle.'),
  OPERATION_SETTLE_MS: whole(120_000).describe('How long stopping a box may take before it is owed.'),
  OPERATION_START_MS: whole(180_000).describe('How long preparing and starting a box may take.'),
  OPERATION_HEARTBEAT_MS: whole(15_000).describe('How soon a dead worker is noticed.'),
  WORKFLOW_TASK_TIMEOUT_MS: whole(10_000).describe('How long Temporal waits for a worker that took a task.'),
  LOG_LEVEL: orUnset(z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info')).describe('Least level that is logged.'),
  PATH: optional.describe('Passed on to boxes that are processes.'),
});
export type WorkerConfig = z.infer<typeof WorkerConfig>;

/** @throws Error with one line for each mistake */
export function readConfig(environment: Record<string, string | undefined>): WorkerConfig {
  const parsed = WorkerConfig.safeParse(environment);
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
  throw new Error(`The worker cannot start:\n${mistakes.join('\n')}`);
}
