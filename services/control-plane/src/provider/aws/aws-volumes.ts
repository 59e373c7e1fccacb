import { setTimeout as pause } from 'node:timers/promises';
import {
  AttachVolumeCommand,
  CreateVolumeCommand,
  DeleteVolumeCommand,
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  type EC2Client,
  type Volume,
} from '@aws-sdk/client-ec2';
import { Refusal } from '../../failure/refusal.ts';
import { diskLabels, workspaceLabels } from '../marks.ts';
import type { InstanceSpec, Marks } from '../port.ts';
import { awsErrorName } from './aws-error.ts';
import { names, tagFilters, tagsOf } from './aws-instance.ts';

const DEVICE = '/dev/sdf';
const LOOK_MS = 500;

/** Root disks carry the marks of the workspace too, and are neither kept for it nor removed with it. */
const isRoot = ({ Tags = [] }: Volume): boolean =>
  Tags.some(({ Key, Value }) => Key === names.disk && Value === 'root');

const isFree = ({ Attachments = [] }: Volume): boolean => Attachments.length === 0;

/** The disks that outlive instances: one for each workspace. */
export function awsVolumes(client: EC2Client, controlPlane: string, attachMs: number) {
  const labelsOf = (marks: Pick<Marks, 'orgId' | 'workspaceId'>) => workspaceLabels(names, controlPlane, marks);

  const volumesOf = async (marks: Pick<Marks, 'orgId' | 'workspaceId'>) => {
    const found = await client.send(new DescribeVolumesCommand({ Filters: tagFilters(labelsOf(marks)) }));
    const volumes = (found.Volumes ?? []).filter((volume) => !isRoot(volume));
    return volumes.filter(({ State }) => State !== 'deleting' && State !== 'deleted');
  };

  const ensure = async (spec: InstanceSpec, zone: string): Promise<string> => {
    const [kept] = (await volumesOf(spec.marks)).filter(({ AvailabilityZone }) => AvailabilityZone === zone);
    if (kept?.VolumeId) return kept.VolumeId;
    const made = await client.send(
      new CreateVolumeCommand({
        AvailabilityZone: zone,
        Size: spec.machine.diskGib,
        VolumeType: 'gp3',
        Encrypted: true,
        ClientToken: spec.marks.boxId,
        TagSpecifications: [
          { ResourceType: 'volume', Tags: tagsOf(diskLabels(names, controlPlane, spec.marks, 'data')) },
        ],
      }),
    );
    if (!made.VolumeId) throw new Refusal('PROVIDER_UNAVAILABLE', 'aws made a volume without an id');
    return made.VolumeId;
  };

  return {
    /** Puts the disk of the workspace, made if need be, into the instance once both are ready for it. */
    async attach(spec: InstanceSpec, instanceId: string): Promise<void> {
      for (const until = performance.now() + attachMs; ; await pause(LOOK_MS)) {
        const { Reservations } = await client.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
        const instance = Reservations?.[0]?.Instances?.[0];
        const isRunning = instance?.State?.Name === 'running';
        if (isRunning && (await attached(await ensure(spec, instance.Placement?.AvailabilityZone ?? ''), instanceId)))
          return;
        if (performance.now() >= until)
          throw new Refusal('PROVIDER_UNAVAILABLE', 'aws did not attach the data disk in time');
      }
    },
    async removeAll(marks: Pick<Marks, 'orgId' | 'workspaceId'>): Promise<boolean> {
      const found = await volumesOf(marks);
      for (const { VolumeId } of found.filter(isFree)) {
        try {
          await client.send(new DeleteVolumeCommand({ VolumeId }));
        } catch (error) {
          if (awsErrorName(error) !== 'InvalidVolume.NotFound') throw error;
        }
      }
      return found.every(isFree);
    },
  };

  async function attached(volumeId: string, instanceId: string): Promise<boolean> {
    const { Volumes } = await client.send(new DescribeVolumesCommand({ VolumeIds: [volumeId] }));
    const attachments = Volumes?.[0]?.Attachments ?? [];
    if (attachments.some(({ InstanceId }) => InstanceId === instanceId)) return true;
    // The instance before may still hold it.
    if (attachments.length > 0 || Volumes?.[0]?.State === 'creating') return false;
    await client.send(new AttachVolumeCommand({ VolumeId: volumeId, InstanceId: instanceId, Device: DEVICE }));
    return true;
  }
}
