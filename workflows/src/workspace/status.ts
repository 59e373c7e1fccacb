/** Every status a workspace can have, in the order the documents list them. Equal to the database enum (tested). */
export const workspaceStatuses = [
  'provisioning',
  'online',
  'degraded',
  'offline',
  'failed',
  'paused',
  'hibernating',
  'hibernated',
  'awaiting_agent',
  'removed',
] as const;

export type WorkspaceStatus = (typeof workspaceStatuses)[number];

/** Runtimes whose agent is run by its operator: the platform owns no box for them. */
export const externalRuntimes: readonly string[] = ['external'];

/** True when the platform runs no box for workspaces of this runtime. */
export const isExternal = (runtime: string): boolean => externalRuntimes.includes(runtime);

/** Runtimes of workspaces that have no box at all. */
const boxlessRuntimes: readonly string[] = [...externalRuntimes, 'mock'];

/** True when the platform runs the box of such a workspace: only those are restarted, moved and hibernated. */
export const hasOwnBox = (runtime: string): boolean => !boxlessRuntimes.includes(runtime);
