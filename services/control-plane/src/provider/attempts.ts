import { setTimeout as pause } from 'node:timers/promises';
import { type Refusal, refusalCode } from '../failure/refusal.ts';

export interface Attempts {
  readonly most: number;
  /** Before the second attempt; it doubles from there. */
  readonly firstPauseMs: number;
}

/** Repeats what a cloud was too busy for. Only for calls that may be repeated. */
export const withAttempts = <T>(attempts: Attempts, call: () => Promise<T>): Promise<T> =>
  repeat(attempts, call, (last) => last);

/**
 * The same for a create. Once a try was not answered, the refusal of a later one does not say that nothing comes of the
 * first: then that is what is told.
 * @throws Refusal PROVIDER_UNAVAILABLE if and only if something may come of it yet
 */
export const withCreateAttempts = <T>(attempts: Attempts, call: () => Promise<T>): Promise<T> =>
  repeat(attempts, call, (last, silence) => silence ?? last);

async function repeat<T>(
  attempts: Attempts,
  call: () => Promise<T>,
  failure: (last: unknown, silence: Refusal | undefined) => unknown,
): Promise<T> {
  let silence: Refusal | undefined;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      const code = refusalCode(error);
      if (code === 'PROVIDER_UNAVAILABLE') silence = error as Refusal;
      const again = code === 'THROTTLED' || code === 'PROVIDER_UNAVAILABLE';
      if (!again || attempt >= attempts.most) throw failure(error, silence);
    }
    await pause(attempts.firstPauseMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2));
  }
}
