/** Every event name there is; producers and consumers share this list. */
export const eventTypes = [
  'WORKSPACE_PROVISIONING',
  'WORKSPACE_ONLINE',
  'WORKSPACE_AWAITING_AGENT',
  'WORKSPACE_DEGRADED',
  'WORKSPACE_OFFLINE',
  'WORKSPACE_PROVISION_FAILED',
  'WORKSPACE_PAUSED',
  'WORKSPACE_HIBERNATED',
  'WORKSPACE_REMOVED',
  'WORKSPACE_COLLAPSED',
  'WORKSPACE_HEARTBEAT',
  'TASK_UPDATED',
  'AGENT_CARD_UPDATED',
] as const;
export type EventType = (typeof eventTypes)[number];

/** Rows for those who clean up; no listener hears of them. */
const auditTypes = [
  'workspace.provider.switch_stop_exhausted',
  'workspace.provider.switch_stop_completed',
  'workspace.provider.switch_disk_removed',
] as const;
export type AuditType = (typeof auditTypes)[number];

export interface WorkspaceEvent {
  readonly event: EventType;
  readonly workspace_id: string;
  /** RFC 3339, UTC. */
  readonly timestamp: string;
  readonly payload: Readonly<Record<string, unknown>>;
}
