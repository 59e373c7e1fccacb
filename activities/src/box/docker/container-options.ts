import type Docker from 'dockerode';
import type { BoxSpec } from '../backend.ts';
import { AGENT_PORT, boxName, managedLabel, ownLabels, volumeNames } from '../names.ts';
import { boxEnvironment } from '../platform-block.ts';
import { type Tier, type TierOverrides, tierOf } from './tiers.ts';

const MIB = 1_048_576;
const SESSIONS_PATH = '/root/.claude/sessions';
const ENGINE_SOCKET = '/var/run/docker.sock:/var/run/docker.sock';

export interface ContainerSettings {
  readonly owner: string;
  readonly network: string;
  readonly tierOverrides: TierOverrides;
  /** What the engine has; it refuses a limit above. */
  readonly mostCpus: number;
}

export const ownVolumeLabels = (owner: string, workspaceId: string): Record<string, string> => ({
  [managedLabel]: 'true',
  [ownLabels.owner]: owner,
  [ownLabels.workspace]: workspaceId,
});

/** The volumes a box mounts, so that they can be made with our labels before it. */
export function volumesOf(
  spec: BoxSpec,
  tier: Tier,
): { configs: string; sessions: string | null; work: string | null } {
  const names = volumeNames(spec.workspaceId);
  // A sandboxed box gets its configuration and nothing else.
  if (tier.readOnlyRoot) return { configs: names.configs, sessions: null, work: null };
  return {
    configs: names.configs,
    sessions: spec.runtime === 'claude-code' ? names.sessions : null,
    work: bindsHost(spec) ? null : names.work,
  };
}

const bindsHost = (spec: BoxSpec): spec is BoxSpec & { workspaceDir: string } =>
  spec.workspaceDir !== null && spec.workspaceAccess !== 'none';

/** Everything the engine is told about a box. No privilege comes from anywhere but the tier. */
export function containerOptions(spec: BoxSpec, settings: ContainerSettings): Docker.ContainerCreateOptions {
  const tier = tierOf(spec.tier, settings.tierOverrides);
  const { memoryMb, cpus } = spec.limits ?? tier;
  const port = `${AGENT_PORT}/tcp`;
  return {
    name: boxName(spec.workspaceId),
    Image: spec.image,
    Env: Object.entries({
      AGENT_URL: `http://${boxName(spec.workspaceId)}:${AGENT_PORT}`,
      ...boxEnvironment(spec, { config: '/configs', plugins: '/plugins', python: '/app' }),
    }).map(([name, value]) => `${name}=${value}`),
    Labels: {
      ...ownVolumeLabels(settings.owner, spec.workspaceId),
      [ownLabels.box]: spec.boxId,
      [ownLabels.born]: String(spec.born.getTime()),
    },
    ExposedPorts: { [port]: {} },
    HostConfig: {
      Init: true,
      RestartPolicy: { Name: 'unless-stopped' },
      Binds: binds(spec, tier),
      Privileged: tier.privileged,
      ...(tier.privileged ? { PidMode: 'host' } : {}),
      ...(tier.readOnlyRoot ? { ReadonlyRootfs: true, Tmpfs: { '/tmp': 'rw,noexec,nosuid,size=64m' } } : {}),
      ...(memoryMb === null ? {} : { Memory: memoryMb * MIB }),
      ...(cpus === null ? {} : { NanoCpus: Math.round(Math.min(cpus, settings.mostCpus) * 1e9) }),
      ...(tier.hostNetwork
        ? { NetworkMode: 'host' }
        : {
            NetworkMode: settings.network,
            PortBindings: { [port]: [{ HostIp: '127.0.0.1', HostPort: '' }] },
            // Where the engine runs on the machine itself, this name for it does not come by itself.
            ExtraHosts: ['host.docker.internal:host-gateway'],
          }),
    },
    ...(tier.hostNetwork
      ? {}
      : { NetworkingConfig: { EndpointsConfig: { [settings.network]: { Aliases: [boxName(spec.workspaceId)] } } } }),
  };
}

function binds(spec: BoxSpec, tier: Tier): string[] {
  const volumes = volumesOf(spec, tier);
  return [
    `${volumes.configs}:/configs`,
    ...(volumes.work ? [`${volumes.work}:/workspace`] : []),
    ...(!tier.readOnlyRoot && bindsHost(spec)
      ? [`${spec.workspaceDir}:/workspace${spec.workspaceAccess === 'read_only' ? ':ro' : ''}`]
      : []),
    ...(volumes.sessions ? [`${volumes.sessions}:${SESSIONS_PATH}`] : []),
    ...(tier.engineSocket ? [ENGINE_SOCKET] : []),
  ];
}
