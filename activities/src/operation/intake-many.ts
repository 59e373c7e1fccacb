import type { Tx } from '@holdfast/prisma';
import type { OperationKind } from '@holdfast/workflows/operation/operation';
import { provider, type WorkspaceRow } from '../workspace/workspace-row.ts';
import { operationChannel } from './notices.ts';

/** What runs, or is about to, on the workspaces that have an owner. */
export type OpenOwners = ReadonlyMap<string, OperationKind>;

/** The open owners of locked rows. */
export async function openOwners(tx: Tx, rows: readonly WorkspaceRow[]): Promise<OpenOwners> {
  const owners = await tx.$queryRaw<{ workspace_id: string; kind: OperationKind }[]>`
    SELECT workspace_id, kind::text AS kind FROM operations
    WHERE id = ANY(${rows.flatMap(({ operation_id: id }) => id ?? [])}::uuid[]) AND state IN ('accepted', 'running')`;
  return new Map(owners.map(({ workspace_id, kind }) => [workspace_id, kind]));
}

/** Inserts one operation for each of these locked rows, under the ids given. Whether it owns its workspace is the caller's to write. */
export async function insertOperations(
  tx: Tx,
  taken: readonly { readonly row: WorkspaceRow; readonly id: string }[],
  request: { readonly kind: OperationKind; readonly actor: string; readonly reason: string },
): Promise<void> {
  const ids = taken.map(({ id }) => id);
  await tx.$executeRaw`
    INSERT INTO operations (id, org_id, workspace_id, kind, state, actor, reason, prior_status, prior_provider, prior_box_id,
                            next_poke_at)
    SELECT g.operation_id, org_id, id, ${request.kind}::operation_kind, 'accepted', ${request.actor}, ${request.reason}, status,
           ${provider}, box_id, clock_timestamp() + interval '2 seconds'
    FROM unnest(${ids}::uuid[], ${taken.map(({ row }) => row.id)}::uuid[]) WITH ORDINALITY AS g(operation_id, workspace_id, place)
    JOIN workspaces ON id = g.workspace_id ORDER BY g.place`;
  await tx.$executeRaw`SELECT pg_notify(${operationChannel}, id) FROM unnest(${ids}::text[]) AS id`;
}
