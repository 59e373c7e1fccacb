import { HttpException } from '@nestjs/common';
import { Refusal } from '@holdfast/activities/failure/refusal';
import { type FailureCode, failures } from '@holdfast/workflows/failure/failures';
import { isDatabaseUnavailable } from '../database/unavailable.ts';
import type { Policy } from '../policy/policy.ts';
import { InvalidBody } from './invalid-body.ts';
import { httpStatus } from './problem-table.ts';

/** A failure as it is answered. */
export interface Problem {
  readonly code: FailureCode;
  readonly status: number;
  /** The wire contract's `error` text. */
  readonly error: string;
  /** Further members of the body; they win over the RFC 9457 members of the same name. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** What the wire contract lets a route say of a body it cannot take, and of a failure nobody meant. */
export type RouteTexts = Pick<Policy, 'invalidText' | 'failedText'>;

/** What the canvas knows a database outage by. */
const unavailable = {
  error: 'platform datastore unavailable — retry shortly',
  facts: { code: 'platform_unavailable' },
};

const problem = (code: FailureCode, error: string = failures[code].says, facts: Problem['facts'] = {}): Problem => ({
  code,
  status: httpStatus[code],
  error,
  facts,
});

/**
 * Turns anything thrown into the one shape of failure there is; what is not known becomes INTERNAL and says nothing but
 * the text its route has for it.
 */
export function problemOf(thrown: unknown, { invalidText, failedText }: RouteTexts): Problem {
  if (isDatabaseUnavailable(thrown)) return problem('PLATFORM_UNAVAILABLE', unavailable.error, unavailable.facts);
  if (thrown instanceof Refusal) {
    if (thrown.code === 'PLATFORM_UNAVAILABLE')
      return problem(thrown.code, unavailable.error, { ...unavailable.facts, ...thrown.facts });
    return problem(thrown.code, thrown.message, thrown.facts);
  }
  if (thrown instanceof InvalidBody) return problem('INVALID_REQUEST', thrown.text(invalidText), issuesOf(thrown));
  return frameworkProblem(thrown) ?? problem('INTERNAL', failedText);
}

const issuesOf = ({ issues }: InvalidBody): Problem['facts'] =>
  issues.length === 0 ? {} : { issues: issues.map(({ path, says }) => ({ path, says })) };

/** Refusals of Fastify and Nest themselves, before any code of ours ran. */
function frameworkProblem(thrown: unknown): Problem | null {
  const status =
    thrown instanceof HttpException ? thrown.getStatus() : (thrown as { statusCode?: unknown } | null)?.statusCode;
  if (status === 413) return problem('TOO_LARGE', 'request body too large');
  if (status === 404) return problem('NOT_FOUND');
  if (typeof status === 'number' && status >= 400 && status < 500) return problem('INVALID_REQUEST', 'invalid request');
  return null;
}

/** The body of a failure: the contract's `error`, with the members of RFC 9457 beside it. */
export function problemBody({ code, status, error, facts }: Problem, requestId: string): Record<string, unknown> {
  return {
    error,
    type: `urn:holdfast:failure:${code}`,
    title: failures[code].says,
    status,
    code,
    next_step: failures[code].next,
    request_id: requestId,
    ...facts,
  };
}
