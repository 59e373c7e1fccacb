import type { Transact } from '@holdfast/activities/agent/transact';
import type { FastifyRequest } from 'fastify';
import { Answer } from '../http/answer.ts';
import type { Idempotency } from '../idempotency/idempotency.ts';

/** Runs a change under the request's Idempotency-Key and makes its answer say whether it is a repetition. */
export function onceFor(once: Idempotency, request: FastifyRequest) {
  let headers: Answer['headers'] = {};
  const transact: Transact = async <T>(change: Parameters<Transact>[0]) => {
    // Kept is what the change resulted in: the answer is made of it anew.
    const kept = await once.inTransaction(request, async (tx) => new Answer(200, { result: await change(tx) }));
    headers = kept.headers;
    return kept.body.result as T;
  };
  return { transact, answer: <T>(body: T): Answer<T> => new Answer(200, body, headers) };
}
