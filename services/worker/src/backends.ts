import path from 'node:path';
import Docker from 'dockerode';
import type { BoxBackend } from '@holdfast/activities/box/backend';
import { controlPlaneBackend } from '@holdfast/activities/box/control-plane/backend';
import { dockerBackend } from '@holdfast/activities/box/docker/backend';
import { imagePlatform } from '@holdfast/activities/box/docker/image';
import type { RegistryLogin } from '@holdfast/activities/box/docker/registry-login';
import { processBackend } from '@holdfast/activities/box/process/backend';
import { controlPlaneSettings } from '@holdfast/activities/config/control-plane-variables';
import { connectToControlPlane } from '@holdfast/activities/control-plane/control-plane';
import type { Logger } from 'pino';
import type { WorkerConfig } from './config.ts';

const SECOND_MS = 1_000;

/**
 * The backends this worker serves. `auto` serves the control plane of an organisation, else Docker where an engine answers, else processes under the launcher,
 * else none, which is a legal state: workspaces then wait or fail with a sentence that says so.
 */
export async function openBackends(
  config: WorkerConfig,
  log: Logger,
  deadlineMs: (runtime: string) => number,
): Promise<BoxBackend[]> {
  const docker = (): BoxBackend =>
    dockerBackend({
      docker: new Docker(),
      owner: config.HOLDFAST_OWNER,
      network: config.HOLDFAST_NETWORK,
      tierOverrides: tiersOf(config),
      imagePlatform: imagePlatform(config.MOLECULE_IMAGE_PLATFORM, process),
      registryLogin: loginOf(config),
      adoptUnowned: config.ADOPT_UNOWNED,
      log,
    });
  const processes = (): BoxBackend =>
    processBackend({
      owner: config.HOLDFAST_OWNER,
      directory: path.join(config.HOLDFAST_DATA_DIR, 'boxes'),
      agent: {
        command: [process.execPath, config.HOLDFAST_AGENT],
        baseEnv: config.PATH === undefined ? {} : { PATH: config.PATH },
      },
    });
  const clouds = (): BoxBackend =>
    controlPlaneBackend({
      controlPlane: connectToControlPlane(controlPlaneSettings(config)),
      orgId: config.MOLECULE_ORG_ID ?? '',
      owner: config.HOLDFAST_OWNER,
      bootSeconds: (runtime) => Math.ceil(deadlineMs(runtime) / SECOND_MS),
    });
  switch (config.BACKEND) {
    case 'control-plane':
      return [clouds()];
    case 'docker':
      return [docker()];
    case 'process':
      return [processes()];
    case 'none':
      return [];
    case 'auto': {
      const engine = docker();
      if (await answers(engine)) return [engine];
      return config.HOLDFAST_LAUNCHER ? [processes()] : [];
    }
  }
}

/** Both or neither: half of a login is none. */
function loginOf({ GHCR_USER, GHCR_TOKEN, IMAGE_REGISTRY = '' }: WorkerConfig): RegistryLogin | undefined {
  if (GHCR_USER === undefined || GHCR_TOKEN === undefined) return undefined;
  return { username: GHCR_USER, password: GHCR_TOKEN, registry: IMAGE_REGISTRY };
}

const tiersOf = (config: WorkerConfig): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(config).filter(([name]) => /^TIER\d_/.test(name))) as Record<
    string,
    string | undefined
  >;

async function answers(backend: BoxBackend): Promise<boolean> {
  try {
    await backend.ping();
    return true;
  } catch {
    return false;
  }
}
