import type Docker from 'dockerode';
import { managedLabel, ownLabels, volumeNames } from '../names.ts';
import { removeContainer } from './claim.ts';
import { hasConfigFile } from './config-archive.ts';
import { call, isStatus } from './engine-error.ts';

const LIMIT_MS = 30_000;

export interface VolumeProbe {
  readonly workspaceId: string;
  /** Any image the engine has: nothing of it runs. */
  readonly image: string;
  readonly owner: string;
}

/** Looks into the configuration volume of a workspace through a container that is never started. */
export async function probeVolume(docker: Docker, probe: VolumeProbe): Promise<boolean> {
  const { configs } = volumeNames(probe.workspaceId);
  // Mounting it would make it.
  if (!(await exists(docker, configs))) return false;
  const container = await call('create a probe', LIMIT_MS, (abortSignal) =>
    docker.createContainer({
      Image: probe.image,
      Labels: { [managedLabel]: 'true', [ownLabels.owner]: probe.owner, [ownLabels.probe]: probe.workspaceId },
      HostConfig: { Binds: [`${configs}:/configs`], NetworkMode: 'none' },
      abortSignal,
    }),
  );
  try {
    return await hasConfigFile(container);
  } finally {
    await removeContainer(docker, container.id);
  }
}

/** Removes probes whose worker died: they would hold the volume. */
export async function removeProbes(docker: Docker, probes: readonly Docker.ContainerInfo[]): Promise<void> {
  await Promise.all(probes.map(({ Id }) => removeContainer(docker, Id)));
}

async function exists(docker: Docker, volume: string): Promise<boolean> {
  return call(`look for volume ${volume}`, LIMIT_MS, async (abortSignal) => {
    try {
      await docker.getVolume(volume).inspect({ abortSignal });
      return true;
    } catch (error) {
      if (isStatus(error, 404)) return false;
      throw error;
    }
  });
}
