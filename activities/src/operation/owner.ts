import type { Database } from '@holdfast/prisma';
import { provider } from '../workspace/workspace-row.ts';
import { columns, type OperationRow } from './operation-row.ts';

/** The open owner of a workspace as it stands, without a lock: enough for a poke, never for a decision. */
export async function lockFreeOwner(
  db: Database,
  workspaceId: string,
): Promise<{ operation: OperationRow; provider: string; name: string } | null> {
  const rows = await db.$queryRaw<(OperationRow & { provider: string; name: string })[]>`
    SELECT o.*, ${provider} AS provider, w.name
    FROM workspaces w CROSS JOIN LATERAL (
      SELECT ${columns} FROM operations
      WHERE operations.id = w.operation_id AND operations.state IN ('accepted', 'running')) o
    WHERE w.id = ${workspaceId}::uuid`;
  const row = rows[0];
  return row ? { operation: row, provider: row.provider, name: row.name } : null;
}
