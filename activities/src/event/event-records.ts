import { createHash, randomUUID } from 'node:crypto';
import type { EventType, WorkspaceEvent } from '@holdfast/workflows/event/events';
import { Prisma, type Tx } from '@holdfast/prisma';

/** The channel every gateway listens on. */
export const eventChannel = 'holdfast_event';
/** Postgres refuses notifications of 8000 bytes or more; larger events travel as their id. */
const LARGEST_NOTIFICATION = 7_500;

/** What a notification on `eventChannel` holds: whole events, or the id of one too large to send. */
export type EventNotice = { events: WorkspaceEvent[] } | { recordedId: string };

export interface NewEvent {
  workspaceId: string;
  type: EventType;
  payload: Record<string, unknown>;
  /**
   * Names the write the event belongs to, such as operation, cycle and step. A step that runs twice then
   * records its event once. Left out: the event is its own.
   */
  key?: string;
}

/** A UUID made from a name, so that the same write always makes the same event. */
export function eventId(key: string): string {
  const hex = createHash('sha256').update(key).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * Records an event in the transaction of the change it tells of, and notifies the gateways when that commits.
 * The caller holds the lock on the workspace row: the per-workspace number stays gap-free.
 */
export async function recordEvent(tx: Tx, event: NewEvent): Promise<void> {
  const id = event.key ? eventId(event.key) : randomUUID();
  if (event.key) {
    const [known] = await tx.$queryRaw<unknown[]>`SELECT 1 FROM structure_events WHERE id = ${id}::uuid`;
    if (known) return;
  }
  const rows = await tx.$queryRaw<{ created_at: Date }[]>`
    WITH numbered AS (
      UPDATE workspaces SET event_seq = event_seq + 1 WHERE id = ${event.workspaceId}::uuid RETURNING event_seq
    )
    INSERT INTO structure_events (id, event_type, workspace_id, payload, seq, created_at)
    SELECT ${id}::uuid, ${event.type}, ${event.workspaceId}::uuid, ${JSON.stringify(event.payload)}::jsonb, event_seq, clock_timestamp()
    FROM numbered
    ON CONFLICT (id) DO NOTHING
    RETURNING created_at`;
  const row = rows[0];
  if (!row) return;
  await notify(tx, id, {
    event: event.type,
    workspace_id: event.workspaceId,
    timestamp: row.created_at.toISOString(),
    payload: event.payload,
  });
}

async function notify(tx: Tx, id: string, event: WorkspaceEvent): Promise<void> {
  const whole: EventNotice = { events: [event] };
  const text = JSON.stringify(whole);
  const notice = Buffer.byteLength(text) < LARGEST_NOTIFICATION ? text : JSON.stringify({ recordedId: id } satisfies EventNotice);
  await tx.$executeRaw(Prisma.sql`SELECT pg_notify(${eventChannel}, ${notice})`);
}
