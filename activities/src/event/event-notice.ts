import { randomUUID } from 'node:crypto';
import type { WorkspaceEvent } from '@holdfast/workflows/event/events';

/** The channel every gateway listens on. */
export const eventChannel = 'holdfast_event';

/** An event on its way to the gateways. */
export interface BusEvent extends WorkspaceEvent {
  /** Its number within the workspace, when it is recorded; broadcast-only events have none. */
  readonly seq?: number;
}

/** What arrived: whole events, or the id of a recorded one too large to send. */
export type EventNotice = { readonly events: readonly BusEvent[] } | { readonly recordedId: string };

/** Postgres refuses notifications of 8000 bytes or more. */
const LARGEST_NOTIFICATION = 7_500;
/** Bytes of a part before base64 and its heading. */
const PART_BYTES = 5_000;

const whole = (events: readonly BusEvent[]): string => JSON.stringify({ events });

/** The payloads that carry broadcast-only events, as few as fit; a large event travels in parts. */
export function broadcastPayloads(events: readonly BusEvent[]): string[] {
  const payloads: string[] = [];
  let gathered: BusEvent[] = [];
  let bytes = 0;
  const send = () => {
    if (gathered.length > 0) payloads.push(whole(gathered));
    gathered = [];
    bytes = 0;
  };
  for (const event of events) {
    const size = Buffer.byteLength(JSON.stringify(event)) + 1;
    if (bytes + size > LARGEST_NOTIFICATION) send();
    if (size > LARGEST_NOTIFICATION) payloads.push(...parts(event));
    else {
      gathered.push(event);
      bytes += size;
    }
  }
  send();
  return payloads;
}

/** The payload that carries one recorded event. */
export function recordedPayload(id: string, event: BusEvent): string {
  const text = whole([event]);
  return Buffer.byteLength(text) < LARGEST_NOTIFICATION ? text : JSON.stringify({ recordedId: id });
}

function parts(event: BusEvent): string[] {
  const bytes = Buffer.from(whole([event]));
  const id = randomUUID();
  const count = Math.ceil(bytes.length / PART_BYTES);
  return Array.from({ length: count }, (_, index) => {
    const part = bytes.subarray(index * PART_BYTES, (index + 1) * PART_BYTES).toString('base64');
    return `part ${id} ${index + 1}/${count} ${part}`;
  });
}

/** Reads payloads in the order of their arrival and joins parts; null while an event is incomplete. */
export function noticeReader(): { read(payload: string): EventNotice | null; forget(): void } {
  const incomplete = new Map<string, Buffer[]>();
  return {
    read(payload) {
      const part = /^part (\S+) (\d+)\/(\d+) (\S+)$/.exec(payload);
      if (!part) return JSON.parse(payload) as EventNotice;
      const [, id, index, count, text] = part as unknown as [string, string, string, string, string];
      const known = index === '1' ? [] : incomplete.get(id);
      // Its beginning was sent before this gateway listened.
      if (!known) return null;
      known.push(Buffer.from(text, 'base64'));
      incomplete.set(id, known);
      if (index !== count) return null;
      incomplete.delete(id);
      return JSON.parse(Buffer.concat(known).toString()) as EventNotice;
    },
    forget: () => incomplete.clear(),
  };
}
