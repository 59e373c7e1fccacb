import { type Database, Prisma } from '@holdfast/prisma';
import type { WorkspaceStatus } from '@holdfast/workflows/workspace/status';

/** Members everybody sees who may see the workspace. Postgres writes the JSON: nothing is converted twice. */
const publicMembers = Prisma.sql`
  w.id, w.name, w.role, w.tier, w.status, coalesce(w.url, '') AS url, w.runtime, w.parent_id, w.agent_card,
  w.active_tasks, w.max_concurrent_tasks, w.uptime_seconds, w.last_error_rate,
  coalesce(l.x, 0) AS x, coalesce(l.y, 0) AS y, coalesce(l.collapsed, false) AS collapsed`;

/** Members only operators see. */
const operatorMembers = Prisma.sql`
  w.current_task, coalesce(w.last_sample_error, '') AS last_sample_error, w.workspace_dir, w.monthly_spend, w.budget_limit`;

const lastOutbound = Prisma.sql`to_char(w.last_outbound_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS last_outbound_at`;

/** The object, with `provision_timeout_ms` only where the runtime's templates declare one. */
const asJson = (timeouts: ReadonlyMap<string, number>): Prisma.Sql => Prisma.sql`
  CASE WHEN ${JSON.stringify(Object.fromEntries(timeouts))}::jsonb ? v.runtime
    THEN left(row_to_json(v)::text, -1) || ',"provision_timeout_ms":' || (${JSON.stringify(Object.fromEntries(timeouts))}::jsonb ->> v.runtime) || '}'
    ELSE row_to_json(v)::text END`;

/** Every workspace that is not removed, oldest first, as the text of a JSON array. */
export async function listWorkspaces(db: Database, timeouts: ReadonlyMap<string, number>): Promise<string> {
  const [row] = await db.$queryRaw<{ text: string | null }[]>`
    SELECT string_agg(${asJson(timeouts)}, ',') AS text
    FROM (
      SELECT ${publicMembers}, ${operatorMembers}
      FROM workspaces w LEFT JOIN canvas_layouts l ON l.workspace_id = w.id
      WHERE w.status <> 'removed' ORDER BY w.created_at, w.id
    ) v`;
  return `[${row?.text ?? ''}]`;
}

/** One workspace, removed ones included, as the text of a JSON object; null when there is none. */
export async function readWorkspace(
  db: Database,
  id: string,
  timeouts: ReadonlyMap<string, number>,
): Promise<string | null> {
  const [row] = await db.$queryRaw<{ text: string }[]>`
    SELECT ${asJson(timeouts)} AS text
    FROM (
      SELECT ${publicMembers}, ${lastOutbound}
      FROM workspaces w LEFT JOIN canvas_layouts l ON l.workspace_id = w.id WHERE w.id = ${id}::uuid
    ) v`;
  return row?.text ?? null;
}

/** The status of a workspace; null when there is none. */
export async function readStatus(db: Database, id: string): Promise<WorkspaceStatus | null> {
  const row = await db.workspace.findUnique({ where: { id }, select: { status: true } });
  return row?.status ?? null;
}
