import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { type FailureCode, failures } from '@holdfast/workflows/failure/failures';

/** Told what really failed, and at what. */
export type OnFailure = (what: string, error: unknown) => void;

/**
 * Makes of whatever an activity throws what may leave the worker, since anybody may read a history: a sentence of the
 * catalogue, while the cause goes to whoever logs. What was meant for Temporal passes as it is.
 * @param code what it is when nothing is known of it
 */
export const concealing =
  <O extends unknown[], R>(
    what: string,
    act: (...order: O) => Promise<R>,
    onFailure?: OnFailure,
    code: FailureCode = 'PLATFORM_UNAVAILABLE',
  ) =>
  async (...order: O): Promise<R> => {
    try {
      return await act(...order);
    } catch (error) {
      if (error instanceof ApplicationFailure || error instanceof CancelledFailure) throw error;
      onFailure?.(what, error);
      throw ApplicationFailure.create({ message: failures[code].says, type: code });
    }
  };
