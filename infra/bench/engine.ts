import Docker from 'dockerode';
import { ownLabels } from '@holdfast/activities/box/names';

/** On what a figure makes by hand; its value is the owner of the run's boxes. */
export const benchLabel = 'holdfast.bench';

/** The engine of the user's choice; undefined when it does not answer. */
export async function findEngine(): Promise<Docker | undefined> {
  const docker = new Docker();
  try {
    await docker.ping();
    return docker;
  } catch {
    return undefined;
  }
}

/** Removes what a run that was broken off has left on the engine. */
export async function clearEngine(docker: Docker, owner: string): Promise<void> {
  for (const label of [`${benchLabel}=${owner}`, `${ownLabels.owner}=${owner}`]) {
    const filters = { label: [label] };
    const containers = await docker.listContainers({ all: true, filters });
    await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
    const { Volumes } = await docker.listVolumes({ filters } as Docker.VolumeListOptions);
    await Promise.all((Volumes ?? []).map(({ Name }) => docker.getVolume(Name).remove()));
  }
}
