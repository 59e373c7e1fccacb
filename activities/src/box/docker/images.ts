import type Docker from 'dockerode';
import type { BoxImages } from '../images.ts';
import { ownLabels } from '../names.ts';
import { call, isStatus } from './engine-error.ts';
import { pull } from './image.ts';
import { authOf, type RegistryLogin } from './registry-login.ts';

const PULL_LIMIT_MS = 300_000;
const LIST_LIMIT_MS = 30_000;
const INSPECT_LIMIT_MS = 10_000;
const REGISTRY_LIMIT_MS = 10_000;

export interface DockerImages {
  readonly docker: Docker;
  readonly owner: string;
  readonly platform?: string | undefined;
  readonly login?: RegistryLogin | undefined;
}

/** The images of an engine, and which of them our boxes run. */
export const dockerImages = ({ docker, owner, platform, login }: DockerImages): BoxImages => ({
  pull: (image, signal) =>
    pull(docker, image, platform, { limitMs: PULL_LIMIT_MS, signal, login: authOf(image, login) }),
  idOf: (image) =>
    call(`inspect ${image}`, INSPECT_LIMIT_MS, () =>
      orNull(
        docker
          .getImage(image)
          .inspect()
          .then(({ Id }) => Id),
      ),
    ),
  remoteDigest: (image) =>
    call(`ask the registry for ${image}`, REGISTRY_LIMIT_MS, async () => {
      const authconfig = authOf(image, login);
      const found = (await docker.getImage(image).distribution(authconfig ? { authconfig } : {})) as {
        Descriptor: { digest: string };
      };
      return found.Descriptor.digest;
    }),
  users: () =>
    call('list', LIST_LIMIT_MS, async (abortSignal) => {
      const label = [`${ownLabels.owner}=${owner}`, ownLabels.box];
      const found = await docker.listContainers({ all: true, filters: { label }, abortSignal });
      return found.map(({ Id, Names, Labels }) => ({
        boxId: Labels[ownLabels.box] ?? '',
        workspaceId: Labels[ownLabels.workspace] ?? '',
        externalId: Id,
        name: (Names[0] ?? '').replace(/^\//, ''),
      }));
    }),
  usedBy: (externalId) =>
    call('inspect', INSPECT_LIMIT_MS, (abortSignal) =>
      orNull(
        docker
          .getContainer(externalId)
          .inspect({ abortSignal })
          .then(({ Config, Image }) => ({ image: Config.Image, imageId: Image })),
      ),
    ),
});

async function orNull<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if (isStatus(error, 404)) return null;
    throw error;
  }
}
