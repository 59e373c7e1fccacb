import { Refusal } from '../../failure/refusal.ts';
import { machineOf, narrowed } from '../machine.ts';
import { diskLabels, instanceLabels, labelValue, workspaceLabels } from '../marks.ts';
import { type Instance, type InstanceSpec, isLive, type Marks, type Provider } from '../port.ts';
import { type HetznerAccess, hetznerApi, type Volume } from './hetzner-api.ts';
import { hetznerInstance, names, selectorOf } from './hetzner-instance.ts';
import { hetznerOffer } from './offer.ts';

export interface HetznerSettings extends HetznerAccess {
  /** Whose servers these are. */
  readonly controlPlane: string;
  readonly location: string;
  readonly image: string;
  readonly networkId?: number;
  readonly serverTypes?: readonly string[];
}

/** A name is taken by one server at a time: that is what makes a repeated create find the first one. */
const nameOf = (boxId: string): string => `holdfast-${boxId}`;

/** Servers of Hetzner. */
export function hetznerProvider(settings: HetznerSettings): Provider {
  const { controlPlane, location, image, networkId } = settings;
  const offer = narrowed(hetznerOffer, settings.serverTypes);
  const api = hetznerApi(settings);
  const ours = { [names.controlPlane]: labelValue(controlPlane) };

  const search = async (query: Record<string, string>): Promise<Instance[]> =>
    (await api.servers(query)).map((server) => hetznerInstance(controlPlane, server)).filter(isLive);

  const ensureVolume = async ({ marks, machine }: InstanceSpec): Promise<number> => {
    const ofWorkspace = selectorOf(workspaceLabels(names, controlPlane, marks));
    const find = async () => (await api.volumes({ label_selector: ofWorkspace }))[0];
    const labels = diskLabels(names, controlPlane, marks, 'data');
    // Names are the project's: the disk of one workspace must not be another's.
    const name = `holdfast-data-${labelValue(`${controlPlane}/${marks.orgId}/${marks.workspaceId}`)}`;
    const volume =
      (await find()) ??
      (await api.createVolume({ name, size: machine.diskGib, location, labels, format: 'ext4' })) ??
      (await find());
    if (!volume) throw new Refusal('PROVIDER_REFUSED', 'hetzner: the name of the data disk is taken');
    return volume.id;
  };

  const create = async (spec: InstanceSpec): Promise<Instance | null> => {
    const volumes = spec.machine.persistent ? [await ensureVolume(spec)] : [];
    const made = await api.createServer({
      name: nameOf(spec.marks.boxId),
      server_type: spec.machine.instanceType,
      image,
      location,
      user_data: spec.userData,
      labels: instanceLabels(names, controlPlane, spec.marks),
      start_after_create: true,
      ...(volumes.length === 0 ? {} : { volumes, automount: false }),
      ...(networkId === undefined ? {} : { networks: [networkId] }),
    });
    if (!made) return null;
    await api.finished(made.actionId);
    return hetznerInstance(controlPlane, await api.server(made.server.id));
  };

  return {
    name: 'hetzner',
    capabilities: offer.capabilities,
    machineFor: (wish, tier) => machineOf(offer, wish, tier),
    async run(spec) {
      const instance = (await create(spec)) ?? (await search({ name: nameOf(spec.marks.boxId) }))[0] ?? null;
      if (instance && !isSame(instance.marks, spec.marks)) {
        throw new Refusal('PROVIDER_REFUSED', 'hetzner: the name of the server is taken by another');
      }
      // Taken a moment ago and gone now, or taken by a stranger.
      if (!instance) throw new Refusal('PROVIDER_UNAVAILABLE', 'hetzner shows no server of the name that is taken');
      return instance;
    },
    async describe(instanceId) {
      const id = idOf(instanceId);
      return id === null ? null : hetznerInstance(controlPlane, await api.server(id));
    },
    async find({ orgId, boxId }) {
      const labels = { ...ours, [names.organisation]: labelValue(orgId), [names.box]: labelValue(boxId) };
      return (await search({ label_selector: selectorOf(labels) }))[0] ?? null;
    },
    async terminate(instanceId) {
      const id = idOf(instanceId);
      // Looked at first: numbers are short, and a stranger's is never deleted.
      if (id === null || !isLive(hetznerInstance(controlPlane, await api.server(id)))) return;
      await api.deleteServer(id);
    },
    async removeVolumes(marks) {
      const label_selector = selectorOf(workspaceLabels(names, controlPlane, marks));
      const found = await api.volumes({ label_selector });
      for (const volume of found.filter(isFree)) await api.deleteVolume(volume.id);
      return found.every(isFree);
    },
    console: () =>
      Promise.reject(new Refusal('CONSOLE_UNSUPPORTED', 'hetzner does not give out the console of a server')),
    list: (owner) =>
      search({
        label_selector: selectorOf(owner === undefined ? ours : { ...ours, [names.owner]: labelValue(owner) }),
      }),
  };
}

const isSame = (one: Marks, other: Marks): boolean =>
  one.boxId === labelValue(other.boxId) && one.orgId === labelValue(other.orgId);

const isFree = ({ server }: Volume): boolean => server === null || server === undefined;

const idOf = (instanceId: string): number | null => (/^\d{1,15}$/.test(instanceId) ? Number(instanceId) : null);
