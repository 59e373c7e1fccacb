import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';

/** Clients send nothing we read; what they send all the same is bounded. */
const LARGEST_FRAME = 65_536;
/** How a browser, which cannot set headers, sends its bearer. */
const BEARER_PROTOCOL = 'bearer.';

/** A peer that vanished without a word is noticed by TCP; agents and canvases are sent no pings. */
const KEEP_ALIVE_MS = 30_000;

interface Upgrade {
  readonly socket: Socket;
  readonly head: Buffer;
  /** What a refusal is written to. */
  readonly response: ServerResponse;
}

/**
 * Lets a request for a WebSocket pass the same doors as every other one: it is routed like a GET, and becomes a socket
 * only when its handler says so. A refusal is an ordinary answer.
 */
@Injectable()
export class SocketUpgrades implements OnApplicationBootstrap {
  private readonly upgrades = new WeakMap<IncomingMessage, Upgrade>();
  private readonly sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: LARGEST_FRAME,
    handleProtocols: (offered) => [...offered].find((name) => !name.startsWith(BEARER_PROTOCOL)) ?? first(offered),
  });

  constructor(private readonly host: HttpAdapterHost) {}

  onApplicationBootstrap(): void {
    const server = this.host.httpAdapter.getHttpServer() as Server;
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      const response = new ServerResponse(request);
      response.shouldKeepAlive = false;
      response.assignSocket(socket);
      response.on('finish', () => socket.end());
      this.upgrades.set(request, { socket, head, response });
      moveBearer(request);
      fastify.routing(request, response);
    });
  }

  isUpgrade(request: IncomingMessage): boolean {
    return this.upgrades.has(request);
  }

  /** Makes the socket; a handshake that is wrong is answered and comes to nothing. */
  accept(request: IncomingMessage, opened: (socket: WebSocket) => void): void {
    const upgrade = this.upgrades.get(request);
    if (!upgrade) return;
    upgrade.response.detachSocket(upgrade.socket);
    this.sockets.handleUpgrade(request, upgrade.socket, upgrade.head, opened);
  }
}

const first = (offered: Set<string>): string | false => [...offered][0] ?? false;

function moveBearer(request: IncomingMessage): void {
  const offered = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? [];
  const bearer = offered.find((name) => name.startsWith(BEARER_PROTOCOL));
  if (bearer) request.headers.authorization ??= `Bearer ${bearer.slice(BEARER_PROTOCOL.length)}`;
}
