import { Api } from '../api/api.ts';
import { Failure } from '../failure/failure.ts';
import { duration } from '../terminal/time.ts';
import type { Session } from './session.ts';

/**
 * Does something that waits, for at most so long.
 * @param late what to say, and what to do, when the time is over
 * @throws Failure `timeout` when it has not ended in time; what it waited for goes on
 */
export async function within<T>(
  session: Session,
  timeoutMs: number | undefined,
  late: { readonly what: string; readonly next: string },
  work: (api: Api) => Promise<T>,
): Promise<T> {
  if (timeoutMs === undefined) return work(session.api);
  const over = new AbortController();
  const timer = setTimeout(() => {
    over.abort(
      new Failure('timeout', `${late.what} after ${duration(timeoutMs)}; it goes on.`, {
        code: 'CLI_TIMEOUT',
        next: late.next,
      }),
    );
  }, timeoutMs);
  const { transport } = session.api;
  try {
    return await work(new Api({ ...transport, signal: AbortSignal.any([transport.signal, over.signal]) }));
  } finally {
    clearTimeout(timer);
  }
}
