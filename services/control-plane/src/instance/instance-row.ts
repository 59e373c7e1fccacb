import type { Machine, Marks, ProviderName } from '../provider/port.ts';

/** `creating`: an instance may come; `terminating`: none may stay, and one may still come; `gone`: none will. */
export type RowState = 'creating' | 'running' | 'terminating' | 'gone';

/** One instance as the control plane knows it. */
export interface InstanceRow {
  readonly org_id: string;
  readonly box_id: string;
  readonly workspace_id: string;
  readonly owner: string;
  readonly provider: ProviderName;
  readonly runtime: string;
  readonly machine: Machine;
  readonly state: RowState;
  readonly instance_id: string | null;
  readonly private_ip: string;
  readonly prune: boolean;
  readonly nonce_salt: Buffer;
  readonly request_digest: Buffer;
  /** Whether an attempt to create it may still come out. */
  readonly in_flight: boolean;
  readonly boot_ms: number;
  readonly booting_ms: number;
  readonly fetched_at: Date | null;
  readonly created_at: Date;
}

export const columns = `org_id, box_id, workspace_id, owner, provider, runtime, machine, state, instance_id, private_ip,
  prune, nonce_salt, request_digest, boot_ms, fetched_at, created_at,
  (open_attempts > 0 AND attempts_until > now()) AS in_flight,
  (extract(epoch FROM now() - coalesce(started_at, created_at)) * 1000)::float8 AS booting_ms`;

export const marksOfRow = (row: InstanceRow): Marks => ({
  boxId: row.box_id,
  workspaceId: row.workspace_id,
  orgId: row.org_id,
  owner: row.owner,
});
