import { randomUUID } from 'node:crypto';
import fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { Refusal } from '../failure/refusal.ts';
import { answerFailure } from './answer-failure.ts';

/** An environment and 256 KiB of configuration files in base64. */
const MOST_BODY_BYTES = 2 * 1_048_576;

/** The HTTP server without its routes. Nothing of a request is logged but its method, its route and its answer. */
export function createServer(log: Logger): FastifyInstance {
  const server = fastify({
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    bodyLimit: MOST_BODY_BYTES,
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => answerFailure(error, request, reply, log),
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  server.addHook('onRequest', async (request, reply) => {
    reply.headers({ 'x-request-id': request.id, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  });
  server.addHook('onResponse', async ({ method, routeOptions: { url: route }, id }, { statusCode, elapsedTime }) => {
    log.info({ method, route, requestId: id, status: statusCode, ms: Math.round(elapsedTime) }, 'answered');
  });
  server.setErrorHandler((error, request, reply) => answerFailure(error, request, reply, log));
  server.setNotFoundHandler((_request, reply) => {
    void reply.code(404).type('text/plain; charset=utf-8').send('404 page not found');
  });
  return server;
}

/** @throws Refusal INVALID_REQUEST for a body that is no JSON */
export function jsonOf(body: unknown): unknown {
  if (typeof body !== 'string') return undefined;
  try {
    return JSON.parse(body) as unknown;
  } catch (error) {
    throw new Refusal('INVALID_REQUEST', 'invalid request body', { cause: error });
  }
}
