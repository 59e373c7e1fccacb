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
