import { Failure } from '../failure/failure.ts';
import { count } from '../terminal/text.ts';
import type { OperationState, OperationView } from './state-style.ts';

const says: Readonly<Record<OperationState, string>> = {
  accepted: 'is accepted',
  running: 'is running',
  succeeded: 'succeeded',
  failed: 'failed',
  compensated: 'failed and was undone',
  superseded: 'was superseded by another one',
  coalesced: 'was merged into another one',
  cancelled: 'was cancelled',
};

/** The failure of an operation that ended otherwise than well; null when it ended well. */
export function outcomeFailure(operation: OperationView): Failure | null {
  const { kind, state, failure, id } = operation;
  if (state === 'succeeded') return null;
  const sentence = `The ${kind} ${says[state] ?? state}${failure ? `: ${failure.text}` : '.'}`;
  return new Failure('failure', sentence, {
    ...(failure ? { code: failure.code } : {}),
    next: failure?.next_step ?? nextOf(operation),
    body: {
      error: sentence,
      code: failure?.code ?? state.toUpperCase(),
      operation_id: id,
      next_step: failure?.next_step ?? nextOf(operation),
    },
  });
}

const nextOf = ({ id, superseded_by: by }: OperationView): string =>
  `holdfast operation ${by === null ? `get ${id}` : `watch ${by}`}`;

/** "1 cycle" is nothing to speak of; more are. */
export const cyclesOf = ({ cycle }: OperationView): string | undefined =>
  cycle > 1 ? count(cycle, 'cycle') : undefined;
