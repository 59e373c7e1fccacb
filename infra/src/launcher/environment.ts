import os from 'node:os';
import path from 'node:path';
import { CLOUD_HOST } from '@holdfast/activities/config/control-plane-variables';
import type { Environment } from '@holdfast/activities/config/read-environment';
import { root } from '../root.ts';
import type { BackendChoice, LauncherConfig } from './config.ts';
import type { Bridge } from './engine.ts';
import type { Identity } from './identity.ts';

/** Where the boxes of an installation run. */
export type Boxes = Exclude<BackendChoice, 'auto'>;

/** What the services are told about the installation they belong to. */
export interface Installation {
  /** What they are told as it is. */
  readonly environment: Environment;
  readonly config: LauncherConfig;
  readonly identity: Identity;
  readonly boxes: Boxes;
  readonly bridge: Bridge | undefined;
  readonly image: string | undefined;
  /** Address of the database. */
  readonly database: string;
  /** Address of the Temporal server. */
  readonly temporal: string;
}

/** The environment of gateway and worker: what they are told as it is, and over it what belongs to this installation. */
export function serviceEnvironment(
  { environment, config, identity, boxes, bridge, image, database, temporal }: Installation,
  api: { port: number; addresses: readonly string[] },
) {
  return {
    ...environment,
    DATABASE_URL: database,
    TEMPORAL_ADDRESS: temporal,
    PORT: String(api.port),
    HOLDFAST_LISTEN: api.addresses.join(','),
    PLATFORM_URL: config.platformUrl ?? `http://${bridge?.host ?? '127.0.0.1'}:${api.port}`,
    ADMIN_TOKEN: identity.adminToken,
    SECRETS_ENCRYPTION_KEY: identity.encryptionKey,
    HOLDFAST_OWNER: identity.owner,
    HOLDFAST_HOST: environment['HOLDFAST_HOST'] || (boxes === 'control-plane' ? CLOUD_HOST : os.hostname()),
    HOLDFAST_DATA_DIR: config.data,
    HOLDFAST_LAUNCHER: '1',
    HOLDFAST_NETWORK: config.network,
    HOLDFAST_AGENT: path.join(root, 'services/agent/dist/main.js'),
    HOLDFAST_WORKFLOW_BUNDLE: path.join(root, 'services/worker/dist/workflow-bundle.js'),
    HOLDFAST_RUNTIMES: environment['HOLDFAST_RUNTIMES'] || path.join(root, 'infra/runtimes.yaml'),
    BACKEND: boxes,
    ...(image === undefined ? {} : { HOLDFAST_AGENT_IMAGE: image }),
  };
}
