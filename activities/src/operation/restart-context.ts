import type { Tx } from '@holdfast/prisma';

/**
 * Keeps, before a new session overwrites it, what its agent is to be told: when the session before it was last heard
 * of, and which variables it has now. Their names only; a value never leaves the secrets.
 */
export async function noteRestartContext(tx: Tx, workspaceId: string, operationId: string): Promise<void> {
  await tx.$executeRaw`
    UPDATE operations SET restart_context = jsonb_build_object(
      'restart_at', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
      'previous_session_ended_at', (
        SELECT to_char(last_heartbeat_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') FROM workspaces WHERE id = ${workspaceId}::uuid),
      'env_names', (
        SELECT coalesce(jsonb_agg(key ORDER BY key), '[]'::jsonb) FROM (
          SELECT key FROM global_secrets UNION SELECT key FROM workspace_secrets WHERE workspace_id = ${workspaceId}::uuid) names))
    WHERE id = ${operationId}::uuid`;
}
