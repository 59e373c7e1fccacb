import { Refusal } from '../../failure/refusal.ts';
import { machineOf, narrowed } from '../machine.ts';
import { diskLabels, instanceLabels, labelValue, markNames, marksOf } from '../marks.ts';
import { type Instance, type InstanceSpec, type InstanceState, isLive, type Marks, type Provider } from '../port.ts';
import { type GcpAccess, type GcpInstance, gcpApi } from './gcp-api.ts';
import { gcpOffer } from './offer.ts';

export interface GcpSettings extends GcpAccess {
  /** Whose instances these are. */
  readonly controlPlane: string;
  readonly image: string;
  readonly network: string;
  readonly machineTypes?: readonly string[];
}

const names = markNames('-');
const DATA_DEVICE = 'holdfast-data';
/** A name is taken by one instance at a time: that is what makes a repeated create find the first one. */
const nameOf = (boxId: string): string => `holdfast-${boxId}`;
const nameShape = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

const states: Readonly<Record<string, InstanceState>> = {
  PROVISIONING: 'pending',
  STAGING: 'pending',
  RUNNING: 'running',
  STOPPING: 'shutting-down',
  // Google calls a machine terminated that is only off.
  STOPPED: 'stopped',
  TERMINATED: 'stopped',
  SUSPENDING: 'stopped',
  SUSPENDED: 'stopped',
};

/** Instances of Compute Engine, named by their names: those are what its requests take. */
export function gcpProvider(settings: GcpSettings): Provider {
  const { controlPlane, project, zone } = settings;
  const offer = narrowed(gcpOffer, settings.machineTypes);
  const api = gcpApi(settings);
  const ours = { [names.controlPlane]: labelValue(controlPlane) };

  const instanceOf = (found: GcpInstance | null): Instance | null => {
    const marks = found && marksOf(names, controlPlane, found.labels);
    if (!found || !marks) return null;
    return {
      instanceId: found.name,
      state: states[found.status] ?? 'running',
      privateIp: found.networkInterfaces[0]?.networkIP ?? '',
      marks,
      born: new Date(found.creationTimestamp),
    };
  };

  const search = async (labels: Readonly<Record<string, string>>): Promise<Instance[]> => {
    const filter = Object.entries(labels).map(([name, value]) => `labels.${name}=${value}`);
    return (await api.instances(filter.join(' AND '))).map(instanceOf).filter(isLive);
  };

  const describe = async (instanceId: string): Promise<Instance | null> =>
    nameShape.test(instanceId) ? instanceOf(await api.instance(instanceId)) : null;

  const ensureDisk = async ({ marks, machine }: InstanceSpec): Promise<string> => {
    const name = diskName(controlPlane, marks);
    if (await api.disk(name)) return name;
    const labels = diskLabels(names, controlPlane, marks, 'data');
    const type = `zones/${zone}/diskTypes/pd-balanced`;
    await api.insertDisk({ name, sizeGb: String(machine.diskGib), type, labels });
    return name;
  };

  return {
    name: 'gcp',
    capabilities: offer.capabilities,
    machineFor: (wish, tier) => machineOf(offer, wish, tier),
    async run(spec) {
      const name = nameOf(spec.marks.boxId);
      const data = spec.machine.persistent ? await ensureDisk(spec) : null;
      await api.insertInstance(bodyOf(settings, name, spec, data));
      const found = await api.instance(name);
      if (!found) throw new Refusal('PROVIDER_UNAVAILABLE', 'gcp does not show the instance it has made');
      const instance = instanceOf(found);
      if (instance?.marks.orgId !== labelValue(spec.marks.orgId)) {
        throw new Refusal('PROVIDER_REFUSED', 'gcp: the name of the instance is taken by another');
      }
      return instance;
    },
    describe,
    async find({ orgId, boxId }) {
      const instance = await describe(nameOf(boxId));
      return instance?.marks.orgId === labelValue(orgId) ? instance : null;
    },
    async terminate(instanceId) {
      // Looked at first: a name can be guessed, and a stranger's machine is never deleted.
      if (isLive(await describe(instanceId))) await api.deleteInstance(instanceId);
    },
    async removeVolumes(marks) {
      const disk = await api.disk(diskName(controlPlane, marks));
      if (disk === null) return true;
      if (disk.users.length > 0) return false;
      await api.deleteDisk(disk.name);
      return true;
    },
    async console(instanceId) {
      return (await describe(instanceId)) ? await api.serialOutput(instanceId) : '';
    },
    list: (owner) => search(owner === undefined ? ours : { ...ours, [names.owner]: labelValue(owner) }),
  };

  function bodyOf({ image, network }: GcpSettings, name: string, spec: InstanceSpec, data: string | null) {
    const { machine, marks, userData } = spec;
    const root = {
      boot: true,
      autoDelete: true,
      initializeParams: {
        sourceImage: image,
        diskSizeGb: String(machine.diskGib),
        labels: diskLabels(names, controlPlane, marks, 'root'),
      },
    };
    const kept = {
      autoDelete: false,
      deviceName: DATA_DEVICE,
      source: `projects/${project}/zones/${zone}/disks/${data}`,
    };
    const needsGraphics = gcpOffer.graphicsTypes.includes(machine.instanceType);
    return {
      name,
      machineType: `zones/${zone}/machineTypes/${machine.instanceType}`,
      labels: instanceLabels(names, controlPlane, marks),
      disks: data === null ? [root] : [root, kept],
      networkInterfaces: [{ network, accessConfigs: [{ type: 'ONE_TO_ONE_NAT', name: 'External NAT' }] }],
      metadata: { items: [{ key: 'startup-script', value: userData }] },
      // A machine with a graphics card cannot be moved while it runs.
      ...(needsGraphics ? { scheduling: { onHostMaintenance: 'TERMINATE' } } : {}),
    };
  }
}

/** Names are the project's: the disk of one workspace must not be another's. */
const diskName = (controlPlane: string, marks: Pick<Marks, 'orgId' | 'workspaceId'>): string =>
  `holdfast-data-${labelValue(`${controlPlane}/${marks.orgId}/${marks.workspaceId}`)}`;
