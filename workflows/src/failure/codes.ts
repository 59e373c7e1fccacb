import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure } from '@temporalio/common';
import { type FailureCode, failures } from './failures.ts';

/** Facts that go with a failure: small, never secret. */
export type FailureFacts = Readonly<Record<string, unknown>>;

/**
 * Refuses for good: a failure that trying again cannot mend.
 * @param text what people read; defaults to the catalogue's sentence
 */
export function refuse(code: FailureCode, text: string = failures[code].says, facts: FailureFacts = {}): never {
  throw ApplicationFailure.create({ message: text, type: code, nonRetryable: true, details: [facts] });
}

/** A failure as the rows keep it. */
export interface KnownFailure {
  readonly code: FailureCode;
  readonly text: string;
  readonly facts: FailureFacts;
}

/** The sentence of a failure with what its backend named as the reason, for whoever wants to know why. */
export const withReason = (text: string, { reason }: FailureFacts = {}): string =>
  typeof reason === 'string' ? `${text}: ${reason}` : text;

/** Unwraps Temporal's nesting; anything the catalogue does not know becomes `fallback` with the catalogue's sentence. */
export function knownFailure(error: unknown, fallback: FailureCode): KnownFailure {
  let cause: unknown = error;
  while (cause instanceof ActivityFailure || cause instanceof ChildWorkflowFailure) cause = cause.cause;
  if (cause instanceof ApplicationFailure && cause.type && Object.hasOwn(failures, cause.type)) {
    const code = cause.type as FailureCode;
    return { code, text: cause.message, facts: (cause.details?.[0] as FailureFacts | undefined) ?? {} };
  }
  return { code: fallback, text: failures[fallback].says, facts: {} };
}
