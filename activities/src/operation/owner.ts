import type { Database } from '@holdfast/prisma';
import { provider } from '../workspace/workspace-row.ts';
import type { OperationRow } from './operation-row.ts';

/** The open owner of a workspace as it stands, without a lock: enough for a poke, never for a decision. */
export async function lockFreeOwner(
  db: Database,
  workspaceId: string,
): Promise<{ operation: OperationRow; provider: string; name: string } | null> {
  const rows = await db.$queryRaw<(OperationRow & { provider: string; name: string })[]>`
    SELECT o.id, o.org_id, o.workspace_id, o.kind::text AS kind, o.state::text AS state, o.run_id, o.cycle, o.phase, o.deadline_at,
           o.prior_provider, o.failure_code, o.failure_text, o.request, ${provider} AS provider, w.name
    FROM workspaces w JOIN operations o ON o.id = w.operation_id
    WHERE w.id = ${workspaceId}::uuid AND o.state IN ('accepted', 'running')`;
  const row = rows[0];
  return row ? { operation: row, provider: row.provider, name: row.name } : null;
}
