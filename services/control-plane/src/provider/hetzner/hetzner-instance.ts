import { markNames, marksOf } from '../marks.ts';
import type { Instance, InstanceState } from '../port.ts';
import type { Server } from './hetzner-api.ts';

export const names = markNames('.');

const states: Readonly<Record<string, InstanceState>> = {
  initializing: 'pending',
  starting: 'pending',
  running: 'running',
  stopping: 'stopped',
  off: 'stopped',
  deleting: 'shutting-down',
};

/** A server of Hetzner as an instance; null for one that is not marked as this control plane's. */
export function hetznerInstance(controlPlane: string, server: Server | null): Instance | null {
  if (!server) return null;
  const marks = marksOf(names, controlPlane, server.labels);
  if (!marks) return null;
  return {
    instanceId: String(server.id),
    // Migrating, rebuilding, unknown: whatever it is, it has not ended.
    state: states[server.status] ?? 'running',
    privateIp: server.private_net[0]?.ip ?? server.public_net?.ipv4?.ip ?? '',
    marks,
    born: new Date(server.created),
  };
}

/** `a=b,c=d`: all of them. */
export const selectorOf = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
