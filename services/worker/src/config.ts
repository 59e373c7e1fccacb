import os from 'node:os';
import { type Environment, readEnvironment } from '@holdfast/activities/config/read-environment';
import { CLOUD_HOST, isInClouds, missingForClouds } from '@holdfast/activities/config/control-plane-variables';
import { sharedVariables } from '@holdfast/activities/config/shared-variables';
import { type BootEnvironment, withTenantConfig } from '@holdfast/activities/config/tenant-config';
import { milliseconds, orUnset, text, webAddress, wholeNumber, yesOrNo } from '@holdfast/activities/config/variables';
import { defaultOperationSettings as usual } from '@holdfast/workflows/operation/operation';
import { z } from 'zod';

const backends = ['auto', 'docker', 'control-plane', 'process', 'none'] as const;
const LOCAL_PLATFORM = 'http://host.docker.internal:8080';

/** Every variable the worker reads, with what it means. */
export const WorkerConfig = z.object({
  ...sharedVariables,
  DATABASE_CONNECTIONS: orUnset(wholeNumber(2, 500).default(10)).describe(
    'Connections to Postgres that one worker may hold.',
  ),
  HOLDFAST_OWNER: orUnset(
    z.string({ error: 'must be set to the id that marks the boxes of this installation' }),
  ).describe('Marks every box of this installation; never change it.'),
  HOLDFAST_HOST: orUnset(text.optional()).meta({
    description: 'Name of this host: boxes stay where their volumes are.',
    unset: `the machine's name; \`${CLOUD_HOST}\` for all workers whose boxes are in clouds`,
  }),
  BACKEND: orUnset(
    z.enum(backends, { error: 'must be auto, docker, control-plane, process or none' }).default('auto'),
  ).describe(
    'Where this worker runs boxes; auto takes the control plane where it has an organisation and its secret, else Docker if an engine answers.',
  ),
  HOLDFAST_LAUNCHER: orUnset(yesOrNo.default(false)).describe(
    'Set by the launcher: auto then runs boxes as processes where no engine answers.',
  ),
  PLATFORM_URL: orUnset(webAddress.optional()).meta({
    description: 'Address of the gateway as boxes reach it; boxes in clouds need one.',
    unset: `\`${LOCAL_PLATFORM}\``,
  }),
  HOLDFAST_NETWORK: orUnset(text.default('molecule-monorepo-net')).describe('Docker network of the boxes.'),
  MOLECULE_IMAGE_PLATFORM: text.optional().meta({
    description: 'Platform of pulled images. Set but empty leaves it to the engine.',
    unset: '`linux/amd64` on ARM Macs',
  }),
  ADOPT_UNOWNED: orUnset(yesOrNo.default(false)).describe(
    'Act on containers and volumes that carry only the label of the platform before this one.',
  ),
  HOLDFAST_DATA_DIR: orUnset(text.default('.data')).describe('Folder for the boxes that are processes.'),
  HOLDFAST_AGENT: orUnset(text.default('services/agent/dist/main.js')).describe(
    'Program of the reference agent, for boxes that are processes.',
  ),
  PATH: orUnset(text.optional()).describe('Passed on to boxes that are processes; nothing else of the worker is.'),
  HOLDFAST_RUNTIMES: orUnset(text.default('infra/runtimes.yaml')).describe(
    'File with the runtimes: their images, limits and deadlines.',
  ),
  IMAGE_REGISTRY: orUnset(text.optional()).meta({
    description: 'Where the organisation keeps the images of its runtimes.',
    unset: "the engine's own",
  }),
  // The wire contract: what does not say yes leaves it off.
  IMAGE_AUTO_REFRESH: orUnset(yesOrNo.default(false).catch(false)).describe(
    'Set to true to look for new images, and to restart the workspaces that run older ones.',
  ),
  GHCR_USER: orUnset(text.optional()).describe('Who pulls from IMAGE_REGISTRY; counts together with GHCR_TOKEN only.'),
  GHCR_TOKEN: orUnset(text.optional()).describe('Its password.'),
  HOLDFAST_AGENT_IMAGE: orUnset(text.optional()).describe(
    'Image of the runtime "reference", if another than the file says.',
  ),
  WORKSPACE_DIR: orUnset(text.optional()).describe('Host folder bound at /workspace when a workspace names none.'),
  AWARENESS_URL: orUnset(webAddress.optional()).describe('Awareness service that boxes are told.'),
  // The wire contract: an unusable value counts as not set.
  PROVISION_TIMEOUT_SECONDS: orUnset(wholeNumber(1, 2_000_000).optional().catch(undefined)).meta({
    description: 'How long an agent of any runtime may take to register.',
    unset: 'by runtime',
  }),
  // The wire contract: what is no positive number counts as not set.
  TIER2_MEMORY_MB: tierLimit('Memory of tier 2 in MiB.', 512),
  TIER2_CPU_SHARES: tierLimit('CPU of tier 2; 1024 is one.', 1024),
  TIER3_MEMORY_MB: tierLimit('Memory of tier 3 in MiB.', 2048),
  TIER3_CPU_SHARES: tierLimit('CPU of tier 3; 1024 is one.', 2048),
  TIER4_MEMORY_MB: tierLimit('Memory of tier 4 in MiB.', 4096),
  TIER4_CPU_SHARES: tierLimit('CPU of tier 4; 1024 is one.', 4096),
  HOLDFAST_WORKFLOW_BUNDLE: orUnset(
    z.string({ error: 'must be set to the file the build made of the workflows' }),
  ).describe('Prebuilt bundle of the workflows.'),
  DISPATCH_INTERVAL_MS: duration(500, 'How often forgotten operations are poked.'),
  REALITY_CHECK_INTERVAL_MS: duration(15_000, 'How often running operations are compared with Temporal.'),
  OWED_BOXES_INTERVAL_MS: duration(15_000, 'How often owed boxes are tried again.'),
  PROVISION_TIMEOUT_INTERVAL_MS: duration(30_000, 'How often workspaces are looked for whose agent never registered.'),
  LIVENESS_INTERVAL_MS: duration(15_000, 'How often agents are looked for that fell silent.'),
  REMOTE_LIVENESS_INTERVAL_MS: duration(15_000, 'How often external agents are looked for that fell silent.'),
  OFFLINE_RESTART_INTERVAL_MS: duration(15_000, 'How often workspaces that stay offline are restarted again.'),
  HIBERNATION_INTERVAL_MS: duration(120_000, 'How often idle workspaces are looked for.'),
  HIBERNATION_ABANDONED_MS: duration(300_000, 'How long a hibernation may rest until it is taken up again.'),
  HEALTH_SWEEP_INTERVAL_MS: duration(15_000, 'How often it is looked whether boxes run that should.'),
  ORPHAN_SWEEP_INTERVAL_MS: duration(60_000, 'How often the ledger is compared with what is really there.'),
  IMAGE_WATCH_INTERVAL_MS: duration(300_000, 'How often registries are asked for new images, if they are.'),
  RETENTION_INTERVAL_MS: duration(3_600_000, 'How often old events and idempotency keys are forgotten.'),
  // The wire contract: an unusable value counts as not set, and the log says so.
  REMOTE_LIVENESS_STALE_AFTER: orUnset(text.default('90')).describe(
    'How long an external agent may be silent, in seconds.',
  ),
  EVENTS_RETENTION_DAYS: orUnset(wholeNumber(1, 36_500).default(30)).describe(
    'How long events are kept, in days; the newest of each workspace stays.',
  ),
  PRESENCE_INTERVAL_MS: duration(10_000, 'How often this worker says which backends answer.'),
  OPERATION_GATHER_MS: duration(usual.gatherMs, 'How long requests are gathered before another cycle.'),
  OPERATION_SETTLE_MS: duration(usual.settleMs, 'How long stopping a box may take before it is owed.'),
  OPERATION_START_MS: duration(usual.startMs, 'How long preparing and starting a box may take.'),
  OPERATION_HEARTBEAT_MS: duration(usual.heartbeatMs, 'How soon a dead worker is noticed.'),
});
type Read = z.infer<typeof WorkerConfig>;
export type WorkerConfig = Read & { readonly HOLDFAST_HOST: string; readonly PLATFORM_URL: string };

/** What this process reads: its own environment, and what the control plane of its organisation has to say to it. */
export const bootEnvironment = (): Promise<BootEnvironment> => withTenantConfig(process.env);

/** @throws ConfigError with all mistakes at once; values are never repeated in it */
export function readConfig(environment: Environment = process.env): WorkerConfig {
  const schema = WorkerConfig.superRefine((config, context) => {
    for (const { name, message } of missingForClouds(config)) {
      context.addIssue({ code: 'custom', path: [name], message });
    }
  });
  const read = readEnvironment('worker', schema, environment);
  return {
    ...read,
    BACKEND: isInClouds(read) ? 'control-plane' : read.BACKEND,
    HOLDFAST_HOST: read.HOLDFAST_HOST ?? (isInClouds(read) ? CLOUD_HOST : os.hostname()),
    PLATFORM_URL: read.PLATFORM_URL ?? LOCAL_PLATFORM,
  };
}

function duration(fallbackMs: number, says: string) {
  return orUnset(milliseconds.default(fallbackMs)).describe(says);
}

function tierLimit(says: string, unset: number) {
  return orUnset(text.optional()).meta({ description: says, unset: `\`${unset}\`` });
}
