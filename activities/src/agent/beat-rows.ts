import type { Tx } from '@holdfast/prisma';
import { target } from '@holdfast/workflows/workspace/lifecycle';
import type { WorkspaceStatus } from '@holdfast/workflows/workspace/status';
import { storableJson } from '../event/storable.ts';
import type { BeatEffect, BeatRow } from './beat.ts';
import { LIVENESS_MS } from './box-contact.ts';
import type { RuntimeDeclaration } from './declaration.ts';

/**
 * Locks the rows, in the order everybody locks them, without waiting for any: one row that is held for long must not
 * hold up the beats of all the others. What is held is left out.
 */
export const lockBeatRows = (tx: Tx, ids: readonly string[]): Promise<BeatRow[]> => tx.$queryRaw<BeatRow[]>`
  SELECT id, status::text AS status, box_id, box_operation_id, operation_id, current_task, platform_inbound_secret,
         runtime_metadata, runtime_metadata_at, statement_timestamp() AS now
  FROM workspaces WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED`;

/** Which of the rows exist, held by somebody or not. */
export async function existing(tx: Tx, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await tx.$queryRaw<{ id: string }[]>`SELECT id FROM workspaces WHERE id = ANY(${ids}::uuid[])`;
  return new Set(rows.map(({ id }) => id));
}

const stopped: readonly WorkspaceStatus[] = ['paused', 'hibernating', 'hibernated'];

/** Writes the whole batch in one statement. The rows are locked, and still each is written only as it was read. */
export async function writeBeatRows(tx: Tx, effects: readonly BeatEffect[]): Promise<void> {
  const of = <T>(read: (effect: BeatEffect) => T): T[] => effects.map(read);
  await tx.$executeRaw`
    UPDATE workspaces w SET
      status = b.next::workspace_status, updated_at = statement_timestamp(), last_heartbeat_at = statement_timestamp(),
      last_error_rate = b.error_rate, last_sample_error = b.sample_error, active_tasks = b.active_tasks,
      uptime_seconds = b.uptime_seconds, current_task = b.current_task,
      monthly_spend = CASE WHEN b.spend > 0 THEN b.spend ELSE w.monthly_spend END,
      idle_since = CASE WHEN b.active_tasks > 0 THEN NULL
                        WHEN w.status IN ('online', 'degraded') THEN coalesce(w.idle_since, statement_timestamp())
                        ELSE statement_timestamp() END,
      liveness_expires_at = CASE WHEN b.next = ANY(${stopped}::text[]) THEN NULL
                                 ELSE statement_timestamp() + ${LIVENESS_MS} * interval '1 millisecond' END,
      runtime_metadata = CASE WHEN b.declares THEN b.declaration::jsonb ELSE w.runtime_metadata END,
      runtime_metadata_at = CASE WHEN NOT b.declares THEN w.runtime_metadata_at
                                 WHEN b.declaration IS NULL THEN NULL ELSE statement_timestamp() END
    FROM unnest(
      ${of(({ beat }) => beat.workspaceId)}::uuid[], ${of(({ row }) => row.status)}::text[],
      ${of(({ row, judgement }) => (judgement ? target(judgement.transition) : row.status))}::text[],
      ${of(({ beat }) => beat.errorRate)}::float8[], ${of(({ beat }) => beat.sampleError)}::text[],
      ${of(({ beat }) => beat.activeTasks)}::int[], ${of(({ beat }) => beat.uptimeSeconds)}::int[],
      ${of(({ beat }) => beat.currentTask)}::text[], ${of(({ beat }) => beat.monthlySpend)}::int8[],
      ${of(({ declaration }) => declaration.changed)}::bool[], ${of(({ declaration }) => declarationText(declaration.value))}::text[]
    ) AS b(id, was, next, error_rate, sample_error, active_tasks, uptime_seconds, current_task, spend, declares, declaration)
    WHERE w.id = b.id AND w.status = b.was::workspace_status`;
}

const declarationText = (value: RuntimeDeclaration | null): string | null =>
  value === null ? null : storableJson(value);
