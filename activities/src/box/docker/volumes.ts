import type Docker from 'dockerode';
import { BackendError } from '../backend-error.ts';
import type { SeenVolume } from '../backend.ts';
import { isId, ownLabels, volumeNames } from '../names.ts';
import { ownVolumeLabels } from './container-options.ts';
import { call, isStatus } from './engine-error.ts';

const LIMIT_MS = 30_000;

interface VolumeOwner {
  readonly owner: string;
  /** Whether volumes without our labels, made by the platform before us, are taken as ours. */
  readonly adoptUnowned: boolean;
}

/** Whether a volume of these labels is this workspace's, of this installation. */
function isOurs(
  labels: Record<string, string> | null | undefined,
  workspaceId: string,
  { owner, adoptUnowned }: VolumeOwner,
): boolean {
  const said = labels?.[ownLabels.owner];
  if (said === undefined) return adoptUnowned;
  return said === owner && labels?.[ownLabels.workspace] === workspaceId;
}

/** Makes a labelled volume unless it is there. @throws BackendError nameTaken when it is another's */
export async function ensureVolume(
  docker: Docker,
  name: string,
  workspaceId: string,
  mine: VolumeOwner,
): Promise<void> {
  await call(`volume ${name}`, LIMIT_MS, async (abortSignal) => {
    await docker.createVolume({ Name: name, Labels: ownVolumeLabels(mine.owner, workspaceId), abortSignal });
    // One that was there keeps its own labels; only they tell whose it is.
    const volume = await docker.getVolume(name).inspect({ abortSignal });
    if (!isOurs(volume.Labels, workspaceId, mine)) {
      throw new BackendError('nameTaken', `docker: the volume ${name} belongs to another owner or workspace`);
    }
  });
}

/** Removes a volume if it is ours; one that is not there is removed. */
export async function removeVolume(
  docker: Docker,
  name: string,
  workspaceId: string,
  mine: VolumeOwner,
): Promise<void> {
  await call(`remove volume ${name}`, LIMIT_MS, async (abortSignal) => {
    try {
      const { Labels } = await docker.getVolume(name).inspect({ abortSignal });
      if (isOurs(Labels, workspaceId, mine)) await docker.getVolume(name).remove({ abortSignal });
    } catch (error) {
      if (!isStatus(error, 404)) throw error;
    }
  });
}

/** The volumes of this owner's workspaces; the label says whose they are, the name what they hold. */
export async function listVolumes(docker: Docker, owner: string): Promise<SeenVolume[]> {
  const { Volumes } = await call('list volumes', LIMIT_MS, (abortSignal) =>
    docker.listVolumes({
      filters: { label: [`${ownLabels.owner}=${owner}`] },
      abortSignal,
    } as Docker.VolumeListOptions),
  );
  return (Volumes ?? []).flatMap(({ Name, Labels }) => {
    const workspaceId = Labels?.[ownLabels.workspace] ?? '';
    if (!isId(workspaceId)) return [];
    const { configs, sessions, work } = volumeNames(workspaceId);
    if (Name !== configs && Name !== sessions && Name !== work) return [];
    return [{ workspaceId, isWork: Name === work }];
  });
}

/** Removes the volumes of a workspace; the one with its work only on a purge. */
export async function removeVolumes(
  docker: Docker,
  workspaceId: string,
  purge: boolean,
  mine: VolumeOwner,
): Promise<void> {
  const { configs, sessions, work } = volumeNames(workspaceId);
  for (const name of [configs, sessions, ...(purge ? [work] : [])]) await removeVolume(docker, name, workspaceId, mine);
}
