import type { Tx } from '@holdfast/prisma';
import type { EventType } from '@holdfast/workflows/event/events';
import type { BusEvent } from './event-notice.ts';

/** One recorded event, as `/events` answers it. */
export interface EventLine {
  readonly id: string;
  readonly event_type: string;
  readonly workspace_id: string | null;
  readonly payload: unknown;
  readonly created_at: Date;
}

/** The newest recorded events, newest first; of one workspace if named. */
export function listEvents(db: Tx, workspaceId?: string, limit = 100): Promise<EventLine[]> {
  return db.$queryRaw<EventLine[]>`
    SELECT id, event_type, workspace_id, payload, created_at FROM structure_events
    WHERE ${workspaceId ?? null}::uuid IS NULL OR workspace_id = ${workspaceId ?? null}::uuid
    ORDER BY created_at DESC, seq DESC LIMIT ${limit}`;
}

interface RecordedRow {
  event_type: EventType;
  workspace_id: string;
  payload: Record<string, unknown>;
  seq: bigint | null;
  created_at: Date;
}

/** What a stream missed: recorded events of one workspace after number `seq`, in order. */
export async function eventsAfter(db: Tx, workspaceId: string, seq: number, limit: number): Promise<BusEvent[]> {
  const rows = await db.$queryRaw<RecordedRow[]>`
    SELECT event_type, workspace_id, payload, seq, created_at FROM structure_events
    WHERE workspace_id = ${workspaceId}::uuid AND seq > ${seq} ORDER BY seq LIMIT ${limit}`;
  return rows.map(toBusEvent);
}

/**
 * When something was by the database's clock, at the latest, given when it was by this process's `performance.now()`: the
 * database is asked first, so that the time it takes to answer makes the instant earlier, never later.
 */
export async function databaseInstant(db: Tx, since: number): Promise<Date> {
  const [{ at }] = await db.$queryRaw<[{ at: Date }]>`SELECT clock_timestamp() AS at`;
  return new Date(at.getTime() - (performance.now() - since));
}

/** What a gateway missed: recorded events of all workspaces from an instant on, oldest first. */
export async function eventsSince(db: Tx, since: Date, page: { offset: number; limit: number }): Promise<BusEvent[]> {
  const rows = await db.$queryRaw<RecordedRow[]>`
    SELECT event_type, workspace_id, payload, seq, created_at FROM structure_events
    WHERE created_at >= ${since}::timestamptz AND workspace_id IS NOT NULL
    ORDER BY created_at, workspace_id, seq LIMIT ${page.limit} OFFSET ${page.offset}`;
  return rows.map(toBusEvent);
}

/** One recorded event; null when it is gone. */
export async function eventById(db: Tx, id: string): Promise<BusEvent | null> {
  const [row] = await db.$queryRaw<RecordedRow[]>`
    SELECT event_type, workspace_id, payload, seq, created_at FROM structure_events WHERE id = ${id}::uuid`;
  return row ? toBusEvent(row) : null;
}

const toBusEvent = (row: RecordedRow): BusEvent => ({
  event: row.event_type,
  workspace_id: row.workspace_id,
  timestamp: row.created_at.toISOString(),
  payload: row.payload,
  ...(row.seq === null ? {} : { seq: Number(row.seq) }),
});
