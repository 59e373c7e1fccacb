import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { policyOf } from '../policy/policy-rows.ts';
import { type Problem, problemBody, problemOf } from './problem.ts';

const PROBLEM_JSON = 'application/problem+json';

/** The one place where a failure becomes an answer: for handlers, guards, parsers and the router alike. */
export function answerProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply, logger: Logger): void {
  const problem = problemOf(thrown, policyOf(request));
  if (problem.code === 'INTERNAL')
    logger.error({ err: thrown, requestId: request.id, route: request.routeOptions.url }, problem.error);
  if (reply.raw.headersSent) {
    reply.raw.destroy();
    return;
  }
  for (const [name, value] of Object.entries(headersOf(problem))) reply.header(name, value);
  // A message that is no HTTP fails while it is routed; such a request has no headers.
  const asksForProblem = request.headers?.accept?.includes(PROBLEM_JSON) ?? false;
  reply
    .code(problem.status)
    .type(asksForProblem ? PROBLEM_JSON : 'application/json; charset=utf-8')
    .send(JSON.stringify(problemBody(problem, request.id)));
}

function headersOf(problem: Problem): Record<string, string> {
  const retryAfter = problem.facts['retry_after'];
  if (problem.code === 'UNAUTHORIZED') return { 'www-authenticate': 'Bearer' };
  if (problem.code === 'PLATFORM_UNAVAILABLE') return { 'retry-after': '2' };
  return typeof retryAfter === 'number' ? { 'retry-after': String(retryAfter) } : {};
}
