import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '../failure/refusal.ts';

export interface Attempts {
  readonly most: number;
  /** Before the second attempt; it doubles from there. */
  readonly firstPauseMs: number;
}

/** Repeats what a cloud was too busy for. Only for calls that may be repeated. */
export async function withAttempts<T>(attempts: Attempts, call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      const again = error instanceof Refusal && (error.code === 'THROTTLED' || error.code === 'PROVIDER_UNAVAILABLE');
      if (!again || attempt >= attempts.most) throw error;
    }
    await pause(attempts.firstPauseMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2));
  }
}
