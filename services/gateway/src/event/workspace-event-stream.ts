import { Inject, Injectable } from '@nestjs/common';
import { EventBus } from '@holdfast/activities/event/event-bus';
import { eventsAfter } from '@holdfast/activities/event/event-list';
import type { BusEvent } from '@holdfast/activities/event/event-notice';
import type { Database } from '@holdfast/prisma';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DATABASE, type GatewaySettings, SETTINGS } from '../core/parts.ts';
import { EventStreams, type StreamedEvent } from '../http/event-stream.ts';
import { EventInbox } from './event-inbox.ts';
import { EventReader } from './event-reader.ts';

const PAGE = 200;

/** Streams the events of one workspace until the client leaves. */
@Injectable()
export class WorkspaceEventStream {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(SETTINGS) private readonly settings: GatewaySettings,
    private readonly bus: EventBus,
    private readonly events: EventReader,
    private readonly streams: EventStreams,
  ) {}

  async send(workspaceId: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    await this.events.mustExist(workspaceId);
    const inbox = new EventInbox();
    // From before the answer begins: who has seen its first bytes misses nothing.
    const leave = this.bus.subscribe((event) => inbox.put(event), workspaceId);
    this.streams.send(reply, (signal) => {
      signal.addEventListener('abort', leave, { once: true });
      return this.follow(workspaceId, inbox, lastSeen(request), signal);
    });
  }

  /**
   * Live events as they come. What a client missed that names the last number it has, and what a slow one lost of the
   * recorded events, is read from their table.
   */
  private async *follow(
    workspaceId: string,
    inbox: EventInbox,
    seen: number | null,
    signal: AbortSignal,
  ): AsyncIterable<StreamedEvent> {
    let last = seen;
    for (let behind = seen !== null; !signal.aborted; behind = inbox.lost()) {
      for (let page = PAGE; behind && last !== null && page === PAGE;) {
        const missed: BusEvent[] = await eventsAfter(this.db, workspaceId, last, PAGE);
        for (const event of missed) yield streamed(event);
        last = missed.at(-1)?.seq ?? last;
        page = missed.length;
      }
      const event = inbox.take();
      if (!event) {
        if (!(await inbox.next(this.settings.streamPingMs, signal))) yield { comment: 'ping' };
      } else if (event.seq === undefined || event.seq > (last ?? 0)) {
        last = event.seq ?? last;
        yield streamed(event);
      }
    }
  }
}

function lastSeen(request: FastifyRequest): number | null {
  const header = request.headers['last-event-id'];
  return typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : null;
}

const streamed = ({ event, timestamp, payload, seq }: BusEvent): StreamedEvent => ({
  ...(seq === undefined ? {} : { id: seq }),
  data: { type: event, timestamp: Date.parse(timestamp), data: payload },
});
