import { BackendError } from '../backend-error.ts';

/** What the engine's client throws: a plain Error, with a status when the engine has answered. */
export interface EngineAnswer {
  readonly statusCode?: number;
  readonly message: string;
}

const answerOf = (error: unknown): EngineAnswer => error as EngineAnswer;

export const isStatus = (error: unknown, status: number): boolean => answerOf(error).statusCode === status;

/** The engine is removing it already; an unrelated "in progress" does not count. */
export const isBeingRemoved = (error: unknown): boolean => {
  const { message } = answerOf(error);
  return message.includes('removal of container') && message.includes('already in progress');
};

/** The engine calls it an internal error, but its runtime will say the same every time. */
const isRuntimeRefusal = (message: string): boolean => /OCI runtime (create|start) failed/.test(message);

/** The network of the boxes was removed by somebody; it is made again by the next try. */
export const isNetworkMissing = (error: unknown): boolean => /network \S+ not found/.test(answerOf(error).message);

/** Puts an engine's failure into our terms. No status means that nobody has answered. */
export function engineError(error: unknown, doing: string): BackendError {
  if (error instanceof BackendError) return error;
  const { statusCode, message } = answerOf(error);
  const detail = `docker: ${doing}: ${message}`;
  if (statusCode === undefined) return new BackendError('unreachable', detail, error);
  const mayPass = statusCode >= 500 ? !isRuntimeRefusal(message) : isNetworkMissing(error);
  return new BackendError(mayPass ? 'failed' : 'refused', detail, error);
}

/**
 * Runs one call to the engine, bounded, and puts its failure into our terms. Not every call of the client hears the
 * signal; its answer is waited for no longer either way.
 */
export async function call<T>(
  doing: string,
  limitMs: number,
  work: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = AbortSignal.timeout(limitMs);
  const late = new Promise<never>((_, reject) => {
    limit.addEventListener('abort', () => reject(new Error(`no answer within ${limitMs} ms`)), { once: true });
  });
  try {
    return await Promise.race([work(limit), late]);
  } catch (error) {
    throw engineError(error, doing);
  }
}
