import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { FailureFacts } from '@holdfast/workflows/failure/codes';
import { failures } from '@holdfast/workflows/failure/failures';
import { BackendError } from './backend-error.ts';
import type { BoxLog } from './box-log.ts';
import { MutatorError } from './mutators.ts';
import { redact } from './redact.ts';

export interface FailedStep {
  readonly log: BoxLog;
  readonly signal: AbortSignal;
  /** What the log may name. */
  readonly facts: Readonly<Record<string, string>>;
  /** What the log must never hold. */
  readonly secrets: Iterable<string>;
  /** What it is when nothing else is known of it; START_FAILED unless told. */
  readonly unexpected?: 'START_FAILED' | 'PROVISION_FAILED' | 'PLATFORM_UNAVAILABLE';
}

/**
 * Turns whatever a step threw into what may leave the worker: the catalogue's sentence. The cause goes to the log.
 * Only what trying again cannot mend is final.
 */
export function stepFailure(error: unknown, step: FailedStep): Error {
  const { log, signal, facts, secrets, unexpected = 'START_FAILED' } = step;
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  if (signal.aborted) return new CancelledFailure('cancelled');
  const cause = error instanceof MutatorError ? `${error.message}: ${String(error.cause)}` : String(error);
  log.warn({ ...facts, cause: redact(cause, secrets) }, 'a step of a box failed');
  if (error instanceof MutatorError) return failure('MUTATOR_FAILED', true);
  if (error instanceof BackendError && error.problem === 'noBackend') return failure('NO_BACKEND', true);
  if (!(error instanceof BackendError)) return failure(unexpected, false);
  return failure(unexpected, error.final, error.reason === undefined ? {} : { reason: error.reason });
}

const failure = (code: keyof typeof failures, nonRetryable: boolean, facts: FailureFacts = {}): ApplicationFailure =>
  ApplicationFailure.create({ type: code, message: failures[code].says, nonRetryable, details: [facts] });
