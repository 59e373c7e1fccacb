import { createHash, randomUUID } from 'node:crypto';
import type { AuditType, EventType } from '@holdfast/workflows/event/events';
import type { Tx } from '@holdfast/prisma';
import { eventChannel, recordedPayload } from './event-notice.ts';
import { storableJson } from './storable.ts';

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
function eventId(key: string): string {
  const hex = createHash('sha256').update(key).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * Records an event in the transaction of the change it tells of, and notifies the gateways when that commits.
 * The caller holds the lock on the workspace row: the per-workspace number stays gap-free.
 */
export const recordEvent = (tx: Tx, event: NewEvent): Promise<void> => recordEvents(tx, [event]);

/** Records several events at once, in this order; see `recordEvent`. The caller holds the lock on every row. */
export async function recordEvents(tx: Tx, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  const given = events.map((event) => ({ id: event.key ? eventId(event.key) : randomUUID(), event }));
  const recorded = await tx.$queryRaw<Recorded[]>`
    WITH given AS (
      SELECT * FROM unnest(
        ${given.map(({ id }) => id)}::uuid[], ${events.map(({ type }) => type)}::text[],
        ${events.map(({ workspaceId }) => workspaceId)}::uuid[], ${events.map(({ payload }) => storableJson(payload))}::text[]
      ) WITH ORDINALITY AS g(id, type, workspace_id, payload, place)
    ), fresh AS (
      SELECT * FROM given WHERE NOT EXISTS (SELECT 1 FROM structure_events e WHERE e.id = given.id)
    ), numbered AS (
      UPDATE workspaces w SET event_seq = w.event_seq + n.count
      FROM (SELECT workspace_id, count(*) AS count FROM fresh GROUP BY workspace_id) n
      WHERE w.id = n.workspace_id RETURNING w.id, w.event_seq - n.count AS before
    )
    INSERT INTO structure_events (id, event_type, workspace_id, payload, seq, created_at)
    SELECT f.id, f.type, f.workspace_id, f.payload::jsonb,
           n.before + row_number() OVER (PARTITION BY f.workspace_id ORDER BY f.place), clock_timestamp()
    FROM fresh f JOIN numbered n ON n.id = f.workspace_id
    RETURNING id, seq, created_at AS at`;
  const byId = new Map(recorded.map((row) => [row.id, row]));
  await notify(
    tx,
    given.flatMap(({ id, event }) => {
      const row = byId.get(id);
      return row ? [payloadOf(row, event)] : [];
    }),
  );
}

/** What is kept for whoever cleans up, and told to no listener. */
export interface AuditRecord {
  readonly workspaceId: string;
  readonly type: AuditType;
  readonly payload: Record<string, unknown>;
  /** The event that it is about. */
  readonly targetId?: string;
  /** Names the write it belongs to: a step that runs twice records it once. */
  readonly key: string;
}

/** Records an audit row in the transaction of the change it belongs to. It has no number: no stream carries it. */
export async function recordAudit(tx: Tx, record: AuditRecord): Promise<void> {
  const { workspaceId, type, payload, targetId = null, key } = record;
  await tx.$executeRaw`
    INSERT INTO structure_events (id, event_type, workspace_id, target_id, payload, created_at)
    VALUES (${eventId(key)}::uuid, ${type}, ${workspaceId}::uuid, ${targetId}::uuid, ${storableJson(payload)}::jsonb, clock_timestamp())
    ON CONFLICT (id) DO NOTHING`;
}

/** Sends payloads to the gateways, in this order, when the transaction commits. */
export async function notify(tx: Tx, payloads: readonly string[]): Promise<void> {
  if (payloads.length === 0) return;
  await tx.$executeRaw`SELECT pg_notify(${eventChannel}, payload) FROM unnest(${payloads}::text[]) AS payload`;
}

interface Recorded {
  id: string;
  seq: bigint;
  at: Date;
}

const payloadOf = (row: Recorded, event: NewEvent): string =>
  recordedPayload(row.id, {
    event: event.type,
    workspace_id: event.workspaceId,
    timestamp: row.at.toISOString(),
    payload: event.payload,
    seq: Number(row.seq),
  });
