import type { Instance as Ec2Instance } from '@aws-sdk/client-ec2';
import { markNames, marksOf } from '../marks.ts';
import type { Instance, InstanceState } from '../port.ts';

export const names = markNames('.');

const states: Readonly<Record<string, InstanceState>> = {
  pending: 'pending',
  running: 'running',
  'shutting-down': 'shutting-down',
  stopping: 'stopped',
  stopped: 'stopped',
  terminated: 'terminated',
};

/** An instance of EC2 as ours; null for one that is not marked as this control plane's. */
export function awsInstance(controlPlane: string, found: Ec2Instance | undefined): Instance | null {
  if (!found?.InstanceId) return null;
  const tags = Object.fromEntries((found.Tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
  const marks = marksOf(names, controlPlane, tags);
  if (!marks) return null;
  return {
    instanceId: found.InstanceId,
    // What EC2 may call a state one day is no end of a machine.
    state: states[found.State?.Name ?? ''] ?? 'running',
    privateIp: found.PrivateIpAddress ?? '',
    marks,
    born: found.LaunchTime ?? new Date(0),
  };
}

export const tagsOf = (labels: Readonly<Record<string, string>>) =>
  Object.entries(labels).map(([Key, Value]) => ({ Key, Value }));

export const tagFilters = (labels: Readonly<Record<string, string>>) =>
  Object.entries(labels).map(([key, value]) => ({ Name: `tag:${key}`, Values: [value] }));
