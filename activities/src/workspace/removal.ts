import { Prisma, type Tx } from '@holdfast/prisma';
import { recordEvents } from '../event/event-records.ts';
import { announceRevoked } from '../token/tokens.ts';
import { changeStatus, clearAddress } from './status-change.ts';
import type { WorkspaceRow } from './workspace-row.ts';

/**
 * Marks workspaces removed, with what a removed one may no longer have. The caller holds the locks.
 * @returns those that were not removed before
 */
export async function markRemoved<R extends WorkspaceRow>(tx: Tx, rows: readonly R[]): Promise<R[]> {
  const ids = rows.map(({ id }) => id);
  await tx.canvasLayout.deleteMany({ where: { workspaceId: { in: ids } } });
  const revoked = await tx.$queryRaw<{ workspace_id: string }[]>`
    UPDATE workspace_auth_tokens SET revoked_at = clock_timestamp()
    WHERE workspace_id = ANY(${ids}::uuid[]) AND revoked_at IS NULL RETURNING workspace_id`;
  for (const id of new Set(revoked.map(({ workspace_id }) => workspace_id))) await announceRevoked(tx, id);
  const removed: R[] = [];
  const also = Prisma.sql`${clearAddress}, removed_at = clock_timestamp()`;
  for (const row of rows) if (await changeStatus(tx, row.id, 'remove', also)) removed.push(row);
  return removed;
}

/** Tells of workspaces that went together with another, which is told of after them. */
export const announceRemoved = (tx: Tx, rows: readonly WorkspaceRow[]): Promise<void> =>
  recordEvents(
    tx,
    rows.map(({ id }) => ({ workspaceId: id, type: 'WORKSPACE_REMOVED', payload: {} })),
  );
