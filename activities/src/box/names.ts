const id = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether it can be an id of ours: names and labels are somebody's text until then. */
export const isId = (text: string): boolean => id.test(text);

/** Name of a workspace's box and its network alias; 12 characters of the id, as existing installations have it. */
export const boxName = (workspaceId: string): string => `ws-${workspaceId.slice(0, 12)}`;

/** The port an agent listens on inside its container. */
export const AGENT_PORT = 8000;

export const volumeNames = (workspaceId: string) => ({
  configs: `${boxName(workspaceId)}-configs`,
  sessions: `${boxName(workspaceId)}-claude-sessions`,
  work: `ws-${workspaceId}-workspace`,
});

/** The label of the wire contract: everything the platform manages carries it. */
export const managedLabel = 'molecule.platform.managed';

/** What we find our own by. A name or the contract's label alone is never proof. */
export const ownLabels = {
  owner: 'holdfast.owner',
  box: 'holdfast.box',
  workspace: 'holdfast.workspace',
  /** When the ledger row was made, in milliseconds since 1970. */
  born: 'holdfast.born',
  /** On a container that only serves to look into a volume. */
  probe: 'holdfast.probe',
} as const;
