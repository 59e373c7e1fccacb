import type { Answer, Api } from '../api/api.ts';
import { Failure } from '../failure/failure.ts';
import type { OperationView } from './state-style.ts';

export type StepView = Answer<'GET /operations/{id}'>['steps'][number];

/** What is heard of an operation: its steps in order, and at last itself. */
export type Heard = { readonly step: StepView } | { readonly end: OperationView };

/**
 * Follows an operation to its end; steps that were before come first. One that was merged into another is followed
 * into that one.
 */
export async function* follow(api: Api, operationId: string): AsyncGenerator<Heard> {
  let end: OperationView | undefined;
  for await (const { event, data } of api.events('GET /operations/{id}/events', { id: operationId })) {
    if (event === 'step') yield { step: JSON.parse(data) as StepView };
    if (event !== 'end') continue;
    end = JSON.parse(data) as OperationView;
    break;
  }
  if (!end)
    throw new Failure('failure', `The operation ${operationId} ended without a word.`, {
      next: `holdfast operation get ${operationId}`,
    });
  yield { end };
  if (end.state === 'coalesced' && end.coalesced_into !== null) yield* follow(api, end.coalesced_into);
}
