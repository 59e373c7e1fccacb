import type { Database } from '@holdfast/prisma';

const tables = [
  'workspaces',
  'operations',
  'operation_steps',
  'boxes',
  'structure_events',
  'workspace_secrets',
  'global_secrets',
  'canvas_layouts',
  'agent_memories',
  'idempotency_keys',
  'workspace_config',
];

/** Changes whenever a row of any table is added, changed or taken away. That a token was used is no change. */
export async function fingerprint(db: Database): Promise<string> {
  const counts = tables.map(
    (table) => `(SELECT count(*) || ':' || coalesce(max(xmin::text::bigint), 0) FROM ${table})`,
  );
  const tokens = ['workspace_auth_tokens', 'org_api_tokens'].map(
    (table) => `(SELECT count(*) || ':' || count(revoked_at) FROM ${table})`,
  );
  const events = '(SELECT sum(event_seq) FROM workspaces)';
  const [row] = await db.$queryRawUnsafe<{ print: string }[]>(
    `SELECT concat_ws(' ', ${[...counts, ...tokens, events].join(', ')}) AS print`,
  );
  return row?.print ?? '';
}
