import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { isUnavailable } from '../database/database.ts';
import { failures } from '../failure/failures.ts';
import { Refusal } from '../failure/refusal.ts';
import { WrongTenant } from '../organisation/caller.ts';

const PROBLEM_JSON = 'application/problem+json';
const RETRY_AFTER_SECONDS = '5';

/** The one place where a failure becomes an answer. */
export function answerFailure(thrown: unknown, request: FastifyRequest, reply: FastifyReply, log: Logger): void {
  if (thrown instanceof WrongTenant) {
    void reply.code(404).removeHeader('content-type').send();
    return;
  }
  const refusal = refusalOf(thrown);
  const { status, retryable, says } = failures[refusal.code];
  const isOurs = status >= 500 && refusal.code !== 'CONSOLE_UNSUPPORTED';
  if (isOurs) log.warn({ err: thrown, code: refusal.code, route: request.routeOptions.url }, refusal.message);
  if (refusal.code === 'UNAUTHORIZED') reply.header('www-authenticate', 'Bearer');
  if (status === 503) reply.header('retry-after', RETRY_AFTER_SECONDS);
  const asksForProblem = request.headers.accept?.includes(PROBLEM_JSON) ?? false;
  void reply
    .code(status)
    .type(asksForProblem ? PROBLEM_JSON : 'application/json; charset=utf-8')
    .send(
      JSON.stringify({
        error: refusal.message,
        type: `urn:holdfast:control-plane:${refusal.code}`,
        title: says,
        status,
        code: refusal.code,
        retryable,
        request_id: request.id,
      }),
    );
}

function refusalOf(thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown;
  if (isUnavailable(thrown)) return new Refusal('DATABASE_UNAVAILABLE');
  const { statusCode } = (thrown ?? {}) as { statusCode?: unknown };
  if (statusCode === 413) return new Refusal('TOO_LARGE');
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) return new Refusal('INVALID_REQUEST');
  return new Refusal('INTERNAL');
}
