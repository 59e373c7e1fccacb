import { setTimeout as pause } from 'node:timers/promises';
import { BackendError } from './backend-error.ts';

/** A backend that hangs must not hang its caller; its answer is then nobody's. */
export async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = pause(Math.max(limitMs, 0), undefined, { signal: over.signal }).then(() => {
    throw new BackendError('unreachable', `no answer within ${limitMs} ms`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    over.abort();
    late.catch(() => undefined);
  }
}
