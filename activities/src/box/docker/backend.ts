import { setTimeout as pause } from 'node:timers/promises';
import type Docker from 'dockerode';
import type { BoxBackend, BoxSpec, SeenBox, StartedBox } from '../backend.ts';
import type { BoxLog } from '../box-log.ts';
import { AGENT_PORT, boxName, ownLabels } from '../names.ts';
import { resetsSession } from '../reset-session.ts';
import { cancellable } from './cancellable.ts';
import { claimContainer, removeContainer } from './claim.ts';
import { hasConfigFile, writeConfig } from './config-archive.ts';
import { containerOptions, volumesOf } from './container-options.ts';
import { engineCpus } from './engine-cpus.ts';
import { call, engineError, isNetworkMissing, isStatus } from './engine-error.ts';
import { pull } from './image.ts';
import { readOutput } from './console.ts';
import { BoxNetwork } from './network.ts';
import { probeVolume, removeProbes } from './probe.ts';
import { authOf, type RegistryLogin } from './registry-login.ts';
import { type TierOverrides, tierOf } from './tiers.ts';
import { dockerImages } from './images.ts';
import { legacyContainers } from './legacy.ts';
import { ensureVolume, listVolumes, removeVolume, removeVolumes } from './volumes.ts';

const CALL_LIMIT_MS = 60_000;
const PULL_LIMIT_MS = 600_000;
const PORT_TRIES = 3;
const PORT_PAUSE_MS = 500;

export interface DockerSettings {
  readonly docker: Docker;
  /** Whose boxes these are; nothing without this label is touched. */
  readonly owner: string;
  readonly network?: string;
  readonly tierOverrides?: TierOverrides;
  /** Platform of images that are pulled; undefined leaves it to the engine. */
  readonly imagePlatform?: string | undefined;
  /** Who pulls, where a registry asks. */
  readonly registryLogin?: RegistryLogin | undefined;
  /** Take over what carries only the label of the platform before us. */
  readonly adoptUnowned?: boolean;
  readonly log: BoxLog;
}

/** Boxes as containers of a Docker engine. */
export function dockerBackend(settings: DockerSettings): BoxBackend {
  const {
    docker,
    owner,
    network: networkName = 'molecule-monorepo-net',
    tierOverrides = {},
    adoptUnowned = false,
    log,
  } = settings;
  const network = new BoxNetwork(docker, networkName);
  const mine = { owner, adoptUnowned };
  const cpus = engineCpus(docker);

  const found = (labels: Record<string, string>): Promise<Docker.ContainerInfo[]> =>
    call('list', CALL_LIMIT_MS, (abortSignal) => {
      const label = Object.entries({ [ownLabels.owner]: owner, ...labels }).map(([name, value]) =>
        value ? `${name}=${value}` : name,
      );
      return docker.listContainers({ all: true, filters: { label }, abortSignal });
    });

  const volumes = async (spec: BoxSpec): Promise<void> => {
    const { configs, sessions, work } = volumesOf(spec, tierOf(spec.tier));
    if (sessions && resetsSession(spec)) await removeVolume(docker, sessions, spec.workspaceId, mine);
    const wanted = [configs, sessions, work].filter((name) => name !== null);
    await Promise.all(wanted.map((name) => ensureVolume(docker, name, spec.workspaceId, mine)));
  };

  const pullImage = async (image: string, signal: AbortSignal): Promise<void> => {
    log.info({ image }, 'pulling an image');
    // The create that follows tells whether the image is there; a failed pull may leave an older one that will do.
    await pull(docker, image, settings.imagePlatform, {
      limitMs: PULL_LIMIT_MS,
      signal,
      login: authOf(image, settings.registryLogin),
    }).catch((error: unknown) => log.warn({ cause: String(error), image }, 'pull failed'));
  };

  const run = async (container: Docker.Container): Promise<void> => {
    await call('start', CALL_LIMIT_MS, async (abortSignal) => {
      try {
        await container.start({ abortSignal });
      } catch (error) {
        if (!isStatus(error, 304)) throw error;
      }
    }).catch((error: unknown) => {
      if (isNetworkMissing(error)) network.forget();
      throw error;
    });
  };

  const addressOf = async (container: Docker.Container, spec: BoxSpec): Promise<StartedBox> => {
    const internalUrl = `http://${boxName(spec.workspaceId)}:${AGENT_PORT}`;
    const externalId = container.id;
    if (tierOf(spec.tier).hostNetwork) return { externalId, url: `http://127.0.0.1:${AGENT_PORT}`, internalUrl: null };
    for (let left = PORT_TRIES; left > 0; left--) {
      const { NetworkSettings } = await call('inspect', CALL_LIMIT_MS, (abortSignal) =>
        container.inspect({ abortSignal }),
      );
      const port = NetworkSettings.Ports[`${AGENT_PORT}/tcp`]?.[0]?.HostPort;
      if (port) return { externalId, url: `http://127.0.0.1:${port}`, internalUrl };
      if (left > 1) await pause(PORT_PAUSE_MS);
    }
    return { externalId, url: internalUrl, internalUrl };
  };

  return {
    kind: 'docker',
    async ping() {
      await call('ping', 5_000, (abortSignal) => cancellable(docker).ping({ abortSignal }));
    },
    async start(spec, signal) {
      const [mostCpus] = await Promise.all([cpus(), network.ensure(), volumes(spec)]);
      signal.throwIfAborted();
      const options = containerOptions(spec, { owner, network: networkName, tierOverrides, mostCpus });
      const claim = await claimContainer(docker, options, spec, {
        ...mine,
        signal,
        pullImage: () => pullImage(spec.image, signal),
      });
      if (!claim.running) {
        await writeConfig(claim.container, spec);
        signal.throwIfAborted();
        await run(claim.container);
      }
      return addressOf(claim.container, spec);
    },
    async stop(ref) {
      const containers = await found({ [ownLabels.box]: ref.boxId });
      await Promise.all(containers.map(({ Id }) => removeContainer(docker, Id)));
      return containers.length > 0 ? 'stopped' : 'absent';
    },
    async isRunning(ref) {
      try {
        return { running: (await found({ [ownLabels.box]: ref.boxId })).some(isAlive) };
      } catch (error) {
        return { running: true, cannotTell: engineError(error, 'probe') };
      }
    },
    async console(ref) {
      const [container] = await found({ [ownLabels.box]: ref.boxId });
      return container ? readOutput(docker.getContainer(container.Id)) : '';
    },
    async list() {
      return (await found({ [ownLabels.box]: '' })).map(seen);
    },
    async hasConfig(workspaceId, image) {
      const [container] = await found({ [ownLabels.box]: '', [ownLabels.workspace]: workspaceId });
      if (container) return hasConfigFile(docker.getContainer(container.Id));
      return probeVolume(docker, { workspaceId, image, owner });
    },
    images: dockerImages({ docker, owner, platform: settings.imagePlatform, login: settings.registryLogin }),
    listVolumes: () => listVolumes(docker, owner),
    ...(adoptUnowned ? { legacy: legacyContainers(docker, owner) } : {}),
    async removeVolumes(workspaceId, { purge }) {
      await removeProbes(docker, await found({ [ownLabels.probe]: workspaceId }));
      await removeVolumes(docker, workspaceId, purge, mine);
    },
  };
}

const isAlive = ({ State }: Docker.ContainerInfo): boolean => ['running', 'restarting', 'paused'].includes(State);

const seen = (container: Docker.ContainerInfo): SeenBox => ({
  boxId: container.Labels[ownLabels.box] ?? '',
  workspaceId: container.Labels[ownLabels.workspace] ?? '',
  externalId: container.Id,
  running: isAlive(container),
  born: new Date(Number(container.Labels[ownLabels.born])),
});
