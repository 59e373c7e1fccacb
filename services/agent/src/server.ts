import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { answer } from './a2a.ts';

const MOST_REQUEST_BYTES = 10 * 1_048_576;

export interface AgentServer {
  readonly port: number;
  /** How many messages are being answered now. */
  active(): number;
  close(): Promise<void>;
}

export interface ServedFacts {
  card(): Record<string, unknown>;
  health(): Record<string, unknown>;
}

/** Listens for A2A messages at POST /, and tells about the agent. */
export async function serve(host: string, port: number, facts: ServedFacts): Promise<AgentServer> {
  let active = 0;
  const server = http.createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0];
    if (request.method === 'GET' && path === '/health') return reply(response, 200, facts.health());
    if (request.method === 'GET' && path === '/.well-known/agent-card.json') return reply(response, 200, facts.card());
    if (path !== '/') return reply(response, 404, { error: 'not found' });
    if (request.method !== 'POST') return reply(response, 405, { error: 'use POST' });
    active += 1;
    response.once('close', () => (active -= 1));
    return read(request, (text) =>
      text === null ? reply(response, 413, { error: 'message too large' }) : reply(response, 200, answer(text)),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    active: () => active,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

function read(request: http.IncomingMessage, done: (text: string | null) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MOST_REQUEST_BYTES) chunks.push(chunk);
  });
  request.on('end', () => done(bytes > MOST_REQUEST_BYTES ? null : Buffer.concat(chunks).toString()));
}

function reply(response: http.ServerResponse, status: number, body: Record<string, unknown>): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
