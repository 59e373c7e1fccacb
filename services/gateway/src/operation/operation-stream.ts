import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@holdfast/prisma';
import { isEnded } from '@holdfast/workflows/operation/operation';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DATABASE, type GatewaySettings, SETTINGS } from '../core/parts.ts';
import { EventStreams, type StreamedEvent } from '../http/event-stream.ts';
import { OperationReader } from './operation-reader.ts';
import { operationView, stepView } from './operation-view.ts';
import { OperationWatcher } from './operation-watcher.ts';

/** Streams the progress of an operation until it has ended. */
@Injectable()
export class OperationStream {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(SETTINGS) private readonly settings: GatewaySettings,
    private readonly reader: OperationReader,
    private readonly watcher: OperationWatcher,
    private readonly streams: EventStreams,
  ) {}

  /** `step` events carry their number as id: a client that comes back with Last-Event-ID misses none. `end` is the last. */
  async send(id: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    await this.reader.visible(id, request.caller);
    const seen = Number(request.headers['last-event-id']);
    this.streams.send(reply, (signal) =>
      this.follow(id, Number.isSafeInteger(seen) && seen > 0 && seen < 2 ** 31 ? seen : 0, signal),
    );
  }

  private async *follow(id: string, seen: number, signal: AbortSignal): AsyncIterable<StreamedEvent> {
    for (let last = seen; !signal.aborted;) {
      const changed = this.watcher.nextChange(id, this.settings.streamPingMs, signal);
      // The state before the steps: what an ended operation has written is then all there.
      const operation = await this.db.operation.findUnique({ where: { id } });
      const steps = await this.db.operationStep.findMany({
        where: { operationId: id, seq: { gt: last } },
        orderBy: { seq: 'asc' },
      });
      for (const step of steps) yield { event: 'step', id: step.seq, data: stepView(step) };
      last = steps.at(-1)?.seq ?? last;
      if (!operation) return;
      if (isEnded(operation.state)) {
        yield { event: 'end', data: operationView(operation) };
        return;
      }
      if (steps.length === 0) yield { comment: 'ping' };
      await changed;
    }
  }
}
