import { setTimeout as pause } from 'node:timers/promises';
import type Docker from 'dockerode';
import { BackendError } from '../backend-error.ts';
import type { BoxSpec } from '../backend.ts';
import { boxName, managedLabel, ownLabels } from '../names.ts';
import { call, isBeingRemoved, isStatus } from './engine-error.ts';

const CALL_LIMIT_MS = 120_000;
/** How long the name may stay taken by a container that is being removed. */
const NAME_LIMIT_MS = 20_000;
const NAME_PAUSE_MS = 100;

export interface Claim {
  readonly container: Docker.Container;
  /** It runs already: an earlier call has done it all. */
  readonly running: boolean;
}

export interface ClaimRules {
  readonly owner: string;
  readonly adoptUnowned: boolean;
  readonly signal: AbortSignal;
  /** Called once when the engine lacks the image. */
  pullImage(): Promise<void>;
}

/**
 * Creates the box's container, or finds the one made by an earlier or half-heard call. The engine lets one container
 * have a name, and that is the fence: whoever holds the name is looked at, and gives way or is given way to by its
 * labels alone.
 */
export async function claimContainer(
  docker: Docker,
  options: Docker.ContainerCreateOptions,
  spec: BoxSpec,
  rules: ClaimRules,
): Promise<Claim> {
  let until = Date.now() + NAME_LIMIT_MS;
  let pulled = false;
  while (Date.now() < until) {
    rules.signal.throwIfAborted();
    // Credentials are gone once the agent has registered: then there is something to find, and nothing to make.
    const made = spec.credentials ? await create(docker, options) : 'taken';
    if (made === 'noImage') {
      if (pulled)
        throw new BackendError(
          'imageMissing',
          `docker: no image ${spec.image}; pull or build it, or name another in runtimes.yaml`,
        );
      await rules.pullImage();
      pulled = true;
      until = Date.now() + NAME_LIMIT_MS;
    } else if (made === 'taken') {
      const holder = await inspect(docker, spec);
      if (holder?.Config.Labels[ownLabels.box] === spec.boxId && isOwn(holder, spec, rules)) {
        return { container: docker.getContainer(holder.Id), running: holder.State.Running };
      }
      if (!spec.credentials)
        throw new BackendError('credentialsGone', `docker: box ${spec.boxId} is not there any more`);
      if (holder) await removeOlder(docker, holder, spec, rules);
      await pause(NAME_PAUSE_MS);
    } else {
      return { container: made, running: false };
    }
  }
  throw new BackendError('failed', `docker: the name ${boxName(spec.workspaceId)} stayed taken`);
}

async function create(
  docker: Docker,
  options: Docker.ContainerCreateOptions,
): Promise<Docker.Container | 'noImage' | 'taken'> {
  return call('create', CALL_LIMIT_MS, async (abortSignal) => {
    try {
      return await docker.createContainer({ ...options, abortSignal });
    } catch (error) {
      if (isStatus(error, 404)) return 'noImage';
      if (isStatus(error, 409)) return 'taken';
      throw error;
    }
  });
}

async function inspect(docker: Docker, spec: BoxSpec): Promise<Docker.ContainerInspectInfo | null> {
  return call('inspect', CALL_LIMIT_MS, async (abortSignal) => {
    try {
      return await docker.getContainer(boxName(spec.workspaceId)).inspect({ abortSignal });
    } catch (error) {
      if (isStatus(error, 404)) return null;
      throw error;
    }
  });
}

const isOwn = (holder: Docker.ContainerInspectInfo, spec: BoxSpec, { owner }: ClaimRules): boolean =>
  holder.Config.Labels[ownLabels.owner] === owner && holder.Config.Labels[ownLabels.workspace] === spec.workspaceId;

/** Frees the name of an older box of the same workspace. By id: the name may be another's a moment later. */
async function removeOlder(
  docker: Docker,
  holder: Docker.ContainerInspectInfo,
  spec: BoxSpec,
  rules: ClaimRules,
): Promise<void> {
  const labels = holder.Config.Labels;
  if (isOwn(holder, spec, rules)) {
    if (Number(labels[ownLabels.born]) > spec.born.getTime()) {
      throw new BackendError(
        'newer',
        `docker: box ${labels[ownLabels.box]} of the same workspace is newer than ${spec.boxId}`,
      );
    }
  } else if (labels[ownLabels.owner] !== undefined || labels[managedLabel] !== 'true' || !rules.adoptUnowned) {
    throw new BackendError(
      'nameTaken',
      `docker: the container ${holder.Name} (${holder.Id.slice(0, 12)}) belongs to another owner or workspace`,
    );
  }
  await removeContainer(docker, holder.Id);
}

/**
 * Removes a container in one call: stopping it first would let its restart policy bring it back. One that is not there,
 * or is being removed, is removed.
 */
export async function removeContainer(docker: Docker, id: string): Promise<void> {
  await call('remove', CALL_LIMIT_MS, async (abortSignal) => {
    try {
      await docker.getContainer(id).remove({ force: true, v: true, abortSignal });
    } catch (error) {
      if (!isStatus(error, 404) && !isBeingRemoved(error)) throw error;
    }
  });
}
