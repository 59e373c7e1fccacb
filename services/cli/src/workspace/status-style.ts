import type { Answer } from '../api/api.ts';
import type { Style } from '../terminal/paint.ts';

export type WorkspaceStatus = Answer<'GET /workspaces/{id}'>['status'];

const styles: Readonly<Record<WorkspaceStatus, Style>> = {
  provisioning: 'cyan',
  awaiting_agent: 'cyan',
  online: 'green',
  degraded: 'yellow',
  offline: 'red',
  failed: 'red',
  paused: 'dim',
  hibernating: 'dim',
  hibernated: 'dim',
  removed: 'dim',
};

export const workspaceStatuses = Object.keys(styles) as readonly WorkspaceStatus[];

/** Colour of a status; none for one that this version does not know. */
export const statusStyle = (status: WorkspaceStatus): Style | undefined => styles[status];
