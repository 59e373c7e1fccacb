import { Prisma, type Tx } from '@holdfast/prisma';
import { failures } from '@holdfast/workflows/failure/failures';
import type { OperationInput, OperationKind, OperationState } from '@holdfast/workflows/operation/operation';
import type { RunRef } from '@holdfast/workflows/operation/ports';
import type { WorkspaceStatus } from '@holdfast/workflows/workspace/status';
import { lockWorkspace, type WorkspaceRow } from '../workspace/workspace-row.ts';

export interface OperationRow {
  id: string;
  org_id: string;
  workspace_id: string;
  kind: OperationKind;
  state: OperationState;
  run_id: string | null;
  cycle: number;
  phase: string | null;
  prior_status: WorkspaceStatus | null;
  prior_box_id: string | null;
  failure_code: string | null;
  failure_text: string | null;
  request: Record<string, unknown>;
  tree_root: string | null;
  cancel_requested_at: Date | null;
}

/** What is read of an operation; from `operations` alone. */
export const columns = Prisma.sql`id, org_id, workspace_id, kind::text AS kind, state::text AS state, run_id, cycle, phase,
  prior_status::text AS prior_status, prior_box_id, failure_code, failure_text, request, tree_root, cancel_requested_at`;

/** Whether a delete takes the rows and the work of its workspace with it. */
export const wantsPurge = (operation: OperationRow): boolean => operation.request['purge'] === true;

export async function readOperation(tx: Tx, operationId: string): Promise<OperationRow | null> {
  const rows = await tx.$queryRaw<OperationRow[]>`
    SELECT ${columns}
    FROM operations WHERE id = ${operationId}::uuid`;
  return rows[0] ?? null;
}

/**
 * How an operation failed, as a history may tell it: what a box printed while it crashed stays in Postgres, since
 * anybody may read a history.
 */
export function toldFailure(operation: Pick<OperationRow, 'failure_code' | 'failure_text'>): {
  code: string;
  text: string;
} {
  const { failure_code: code, failure_text: text } = operation;
  if (code === 'BOOT_FAILED') return { code, text: failures.BOOT_FAILED.says };
  return { code: code ?? 'INTERNAL', text: text ?? 'failed' };
}

/** The operation that owns a workspace and has not ended. Read under the workspace's lock. */
export async function openOwner(tx: Tx, workspace: WorkspaceRow): Promise<OperationRow | null> {
  if (!workspace.operation_id) return null;
  const owner = await readOperation(tx, workspace.operation_id);
  return owner && (owner.state === 'accepted' || owner.state === 'running') ? owner : null;
}

/** The operations waiting for their turn, oldest first. Read under the workspace's lock. */
export async function queuedOperations(tx: Tx, workspaceId: string, exceptId: string): Promise<OperationRow[]> {
  return tx.$queryRaw<OperationRow[]>`
    SELECT ${columns}
    FROM operations WHERE workspace_id = ${workspaceId}::uuid AND state = 'accepted' AND id <> ${exceptId}::uuid ORDER BY seq`;
}

/** The locked rows of a run that owns its workspace; null when it does not, or not any more. */
export async function lockOwned(
  tx: Tx,
  run: RunRef,
): Promise<{ workspace: WorkspaceRow; operation: OperationRow } | null> {
  const workspace = await lockWorkspace(tx, run.workspaceId);
  if (!workspace || workspace.operation_id !== run.operationId) return null;
  const operation = await readOperation(tx, run.operationId);
  if (!operation || operation.state !== 'running' || operation.run_id !== run.runId) return null;
  return { workspace, operation };
}

export const inputOf = (operation: OperationRow, provider: string): OperationInput => ({
  operationId: operation.id,
  workspaceId: operation.workspace_id,
  orgId: operation.org_id,
  kind: operation.kind,
  provider,
});
