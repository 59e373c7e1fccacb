import type { Handler } from '../command/action.ts';
import { Failure } from '../failure/failure.ts';
import { dryRunQuery, toldPlan } from '../plan/plan.ts';
import { operationCard } from './card.ts';
import type { OperationView } from './state-style.ts';
import { waitForOperation } from './wait.ts';

export interface CancelOptions {
  readonly dryRun?: true;
  readonly wait?: true;
  readonly timeout?: number;
  readonly idempotencyKey?: string;
}

/** `operation cancel`. With --wait it ends well when the operation was cancelled, and fails when that came too late. */
export const cancelOperation: Handler<[id: string], CancelOptions> = async (call) => {
  const { api, args, options, output } = call;
  const [id] = args;
  const key = options.idempotencyKey;
  const answer = await api.call('POST /operations/{id}/cancel', {
    path: { id },
    query: dryRunQuery(options.dryRun),
    ...(key === undefined ? {} : { idempotencyKey: key }),
  });
  if (toldPlan(output, answer, options, 'cancel')) return;
  const isPending = answer.status === 'cancelling';
  if (!options.wait) {
    output.result({
      json: () => answer,
      quiet: () => [id],
      people: (paint) => [`${paint(isPending ? 'yellow' : 'green', answer.status)}  ${id}`],
    });
    if (isPending) output.note(`It ends as soon as its step lets go; to watch: holdfast operation watch ${id}`);
    return;
  }
  const ended = await waitForOperation(call, id, options.timeout);
  output.result({
    json: () => ({ ...answer, operation: ended }),
    quiet: () => [id],
    people: (paint) => operationCard(ended, paint),
  });
  if (ended.state !== 'cancelled') throw tooLate(ended);
};

/** It ended before the request reached it. */
function tooLate({ id, state, kind }: OperationView): Failure {
  return new Failure('failure', `The cancel came too late: the ${kind} is ${state}.`, {
    code: 'CLI_NOT_CANCELLED',
    next: `holdfast operation get ${id}`,
  });
}
