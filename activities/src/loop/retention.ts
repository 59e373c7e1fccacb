import type { Database } from '@holdfast/prisma';
import { KEYS_KEPT_HOURS } from '../config/kept.ts';

export interface Retention {
  /** How long events are kept, in days. */
  readonly eventDays: number;
  /** How long answers to an Idempotency-Key are kept, in hours. */
  readonly keyHours: number;
  /** How many events one transaction forgets. */
  readonly batch: number;
  /** How long one tick takes further batches, in milliseconds: the next tick finds the rest. */
  readonly limitMs: number;
}

export const defaultRetention = {
  eventDays: 30,
  keyHours: KEYS_KEPT_HOURS,
  batch: 5_000,
  limitMs: 20_000,
} as const satisfies Retention;

/** Forgets events and idempotency keys that are older than they are kept. */
export async function dropOldRecords(db: Database, retention: Retention): Promise<{ events: number; keys: number }> {
  const keys = await db.$executeRaw`
    DELETE FROM idempotency_keys WHERE created_at < clock_timestamp() - ${retention.keyHours} * interval '1 hour'`;
  const until = Date.now() + retention.limitMs;
  for (let events = 0; ;) {
    const dropped = await dropEvents(db, retention);
    events += dropped;
    if (dropped < retention.batch || Date.now() >= until) return { events, keys };
  }
}

/**
 * The oldest events of each workspace first, so that the numbers of those that stay have no gap whenever this is cut
 * short; and never the newest of a workspace that is there, which is where its listeners resume. What a switch has left
 * stays until it is known to be gone: nothing else may name it. What says so stays until that is forgotten.
 */
const dropEvents = (db: Database, { eventDays, batch }: Retention): Promise<number> =>
  db.$executeRaw`
    WITH cut AS (SELECT clock_timestamp() - ${eventDays} * interval '1 day' AS at)
    DELETE FROM structure_events WHERE id IN (
      SELECT e.id FROM structure_events e, cut
      WHERE e.created_at < cut.at
        AND (e.event_type <> 'workspace.provider.switch_stop_exhausted'
          OR EXISTS (SELECT 1 FROM structure_events done WHERE done.workspace_id = e.workspace_id AND done.target_id = e.id))
        AND (e.event_type <> 'workspace.provider.switch_stop_completed'
          OR NOT EXISTS (SELECT 1 FROM structure_events open WHERE open.id = e.target_id))
        AND NOT EXISTS (
          SELECT 1 FROM structure_events kept
          WHERE kept.workspace_id = e.workspace_id AND kept.seq < e.seq AND kept.created_at >= cut.at)
        AND (e.seq IS NULL
          OR NOT EXISTS (SELECT 1 FROM workspaces w WHERE w.id = e.workspace_id)
          OR EXISTS (SELECT 1 FROM structure_events newer WHERE newer.workspace_id = e.workspace_id AND newer.seq > e.seq))
      ORDER BY e.workspace_id, e.seq LIMIT ${batch})`;
