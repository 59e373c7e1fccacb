import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { GatewayConfig } from '../config.ts';
import { attachPolicies, policyOf } from '../policy/policy-rows.ts';
import { policyTable } from '../policy/policy-table.ts';
import { answerProblem } from '../problem/answer-problem.ts';
import { sendAnswers } from './answer.ts';
import { parseBody } from './body.ts';
import type { Entry } from './entry.ts';
import { answerNotFound, routeMatcher } from './not-found.ts';
import { requestId } from './request-ids.ts';

const LONGEST_PARAMETER = 1_024;

/** Nest's adapter, with the answers to failures and unknown paths kept in our hands. */
class GatewayAdapter extends FastifyAdapter {
  override setErrorHandler(): never {
    return this.getInstance() as never;
  }
  override setNotFoundHandler(): never {
    return this.getInstance() as never;
  }
}

/**
 * The HTTP server below Nest: everything that happens before a handler runs and after it has answered.
 * @param entry found when the first request comes, since Nest makes it
 */
export function createServer(config: GatewayConfig, logger: Logger, entry: () => Entry) {
  const adapter = new GatewayAdapter({
    genReqId: requestId,
    requestIdHeader: false,
    trustProxy: config.TRUSTED_PROXIES.length > 0 ? config.TRUSTED_PROXIES : false,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
    return503OnClosing: false,
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) =>
      answerProblem(error, request, reply, logger),
  });
  const server = adapter.getInstance() as unknown as FastifyInstance;
  const routes = attachPolicies(server, policyTable);
  server.decorateRequest('caller', null as never);
  readBodies(server);
  sendAnswers(server);
  server.addHook('onRequest', async (request, reply) => {
    return (await entry().pass(request, reply)) ? undefined : reply;
  });
  server.setErrorHandler((error, request, reply) => answerProblem(error, request, reply, logger));
  let hasRoute: ReturnType<typeof routeMatcher> | undefined;
  server.setNotFoundHandler((request, reply) => {
    hasRoute ??= routeMatcher(routes);
    answerNotFound(request, reply, hasRoute);
  });
  return { adapter, server, routes };
}

/** JSON is read whatever the Content-Type says: a shell's default must work. */
function readBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => {
    try {
      done(null, parseBody(body as string, policyOf(request).mendText));
    } catch (error) {
      if (policyOf(request).lenientBody) done(null, undefined);
      else done(error as Error);
    }
  });
}
