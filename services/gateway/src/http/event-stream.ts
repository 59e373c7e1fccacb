import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { OpenStreams } from './open-streams.ts';

/** One server-sent event; without a name it is a plain message, and a comment only keeps the connection open. */
export type StreamedEvent =
  | { readonly event?: string; readonly id?: number; readonly data: unknown }
  | { readonly comment: string };

/** Sends server-sent events until the source ends, the client leaves, its credential ends or the gateway stops. */
@Injectable()
export class EventStreams {
  constructor(private readonly open: OpenStreams) {}

  /**
   * Answers with a stream. Whatever can still be refused must have been before.
   * @param source gives the events; its signal aborts when nobody listens any more, and it must end then
   */
  send(reply: FastifyReply, source: (signal: AbortSignal) => AsyncIterable<StreamedEvent>): void {
    const listening = new AbortController();
    const forget = this.open.add(reply.request.caller, () => listening.abort());
    reply.raw.once('close', () => {
      forget();
      listening.abort();
    });
    const stream = Readable.from(written(source(listening.signal), listening.signal), {
      objectMode: false,
      highWaterMark: 65_536,
    });
    void reply
      .headers({
        'content-type': 'text/event-stream',
        'cache-control': 'no-cache',
        connection: 'keep-alive',
        'x-accel-buffering': 'no',
      })
      .send(stream);
  }
}

/**
 * The first bytes go out at once, so that the client knows the stream is open. Nothing goes out once nobody is to listen,
 * however far a slow client is behind.
 */
async function* written(events: AsyncIterable<StreamedEvent>, signal: AbortSignal): AsyncIterable<string> {
  yield ': ping\n\n';
  for await (const event of events) {
    if (signal.aborted) return;
    yield text(event);
  }
}

function text(event: StreamedEvent): string {
  if ('comment' in event) return `: ${event.comment}\n\n`;
  const name = event.event === undefined ? '' : `event: ${event.event}\n`;
  const id = event.id === undefined ? '' : `id: ${event.id}\n`;
  return `${id}${name}data: ${JSON.stringify(event.data)}\n\n`;
}
