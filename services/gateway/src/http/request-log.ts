import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { actorOf } from '../auth/caller.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { policyOf } from '../policy/policy-rows.ts';

/** Counts and logs every finished request: its route's pattern and its caller, never its query, headers or body. */
export function recordRequests(server: FastifyInstance, logger: Logger, metrics: () => Metrics): void {
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unmatched';
    metrics().request(request.method, route, reply.statusCode, reply.elapsedTime / 1000);
    const quiet = policyOf(request).quiet && reply.statusCode < 500;
    logger[quiet ? 'debug' : 'info'](
      {
        requestId: request.id,
        method: request.method,
        route,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        caller: actorOf(request.caller),
      },
      'request',
    );
    done();
  });
}
