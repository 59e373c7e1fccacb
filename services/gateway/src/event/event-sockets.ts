import { Injectable } from '@nestjs/common';
import { Refusal } from '@holdfast/activities/failure/refusal';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { bearerOf } from '../auth/bearer.ts';
import type { Caller } from '../auth/caller.ts';
import { Callers } from '../auth/callers.ts';
import { OpenStreams } from '../http/open-streams.ts';
import { Metrics } from '../metrics/metrics.ts';
import { Audience } from './audience.ts';
import { audienceOf } from './socket-audience.ts';
import { SocketListener } from './socket-listener.ts';
import { SocketUpgrades } from './socket-upgrades.ts';

/** Opens the sockets of canvases and agents. */
@Injectable()
export class EventSockets {
  constructor(
    private readonly audience: Audience,
    private readonly upgrades: SocketUpgrades,
    private readonly callers: Callers,
    private readonly streams: OpenStreams,
    metrics: Metrics,
  ) {
    metrics.gauge('molecule_websocket_connections_active', 'Open event sockets.', () => audience.size);
  }

  /** @throws Refusal UNAUTHORIZED, INVALID_WORKSPACE_ID; INVALID_REQUEST for a request that is no handshake */
  async open(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const caller = await this.callerOf(request);
    const wanted = [request.headers['x-workspace-id']].flat()[0];
    const workspaceId = audienceOf({ caller, bearer: bearerOf(request.headers.authorization) !== null, wanted });
    if (!this.upgrades.isUpgrade(request.raw))
      throw new Refusal('INVALID_REQUEST', 'this address takes WebSocket handshakes only');
    reply.hijack();
    this.upgrades.accept(request.raw, (socket) => {
      const listener = new SocketListener(socket, workspaceId);
      const leave = this.audience.add(listener);
      const forget = this.streams.add(caller, (why) =>
        why === 'stopping'
          ? listener.close(1001, 'the gateway is stopping')
          : listener.close(1008, 'credentials have changed'),
      );
      listener.onClose(() => {
        leave();
        forget();
      });
    });
  }

  /** A page's cookie counts too: the Origin of a handshake has been judged before. */
  private async callerOf(request: FastifyRequest): Promise<Caller> {
    if (request.caller.kind !== 'anonymous' || bearerOf(request.headers.authorization) !== null) return request.caller;
    return this.callers.ofCookie(request.headers.cookie);
  }
}
