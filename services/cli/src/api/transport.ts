import { setTimeout as sleep } from 'node:timers/promises';
import { isPassing, networkCode, unreachable } from './network-failure.ts';

/** How the gateway is reached. */
export interface Transport {
  readonly url: string;
  readonly token: string | null;
  readonly orgId: string | null;
  /** Ends everything under way when it aborts. */
  readonly signal: AbortSignal;
  readonly timing: Timing;
  /** Hears that a request is tried again, and why. */
  readonly onRetry?: (why: string) => void;
}

/** Durations in milliseconds. */
export interface Timing {
  /** One try of a request. */
  readonly answerMs: number;
  /** Waits between the tries; their number bounds the tries. */
  readonly retryMs: readonly number[];
  /** The longest wait a gateway may ask for in Retry-After; more than that is a failure now. */
  readonly longestRetryAfterMs: number;
  /** A stream that is silent for so long is opened again. */
  readonly silenceMs: number;
  /** How long a stream is tried to be opened again before that is a failure. */
  readonly reopenMs: number;
}

export const usualTiming: Timing = {
  answerMs: 30_000,
  retryMs: [200, 400, 800, 1_600],
  longestRetryAfterMs: 20_000,
  silenceMs: 45_000,
  reopenMs: 120_000,
};

export interface Request {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Response {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/**
 * Sends a request until it has an answer that counts. A broken connection, a silence and "not now" (429, 503) are tried
 * again a bounded number of times, with the same headers: under its Idempotency-Key a repeated change happens once.
 * @throws Failure `unavailable` when the gateway was never reached
 */
export async function send(transport: Transport, request: Request): Promise<Response> {
  const { retryMs, answerMs, longestRetryAfterMs } = transport.timing;
  for (let tries = 0; ; tries += 1) {
    const pause = retryMs[tries];
    let wait = pause;
    try {
      const response = await once(transport, request, AbortSignal.timeout(answerMs));
      if (pause === undefined || (response.status !== 503 && response.status !== 429)) return response;
      const asked = Number(response.headers.get('retry-after') ?? Number.NaN) * 1_000;
      if (asked > longestRetryAfterMs) return response;
      wait = Math.max(pause, Number.isNaN(asked) ? 0 : asked);
      transport.onRetry?.(response.status === 429 ? 'The gateway asks for patience' : 'The gateway cannot serve now');
    } catch (error) {
      transport.signal.throwIfAborted();
      const code = networkCode(error);
      if (code === null) throw error;
      if (wait === undefined || !isPassing(code)) throw unreachable(transport.url, code);
      transport.onRetry?.('The gateway does not answer');
    }
    await sleep(wait, undefined, { signal: transport.signal }).catch(() => transport.signal.throwIfAborted());
  }
}

async function once(transport: Transport, request: Request, patience: AbortSignal): Promise<Response> {
  const answer = await open(transport, request, AbortSignal.any([transport.signal, patience]));
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

/** Sends a request and gives the answer back before its body has come. */
export function open(transport: Transport, request: Request, signal: AbortSignal): Promise<globalThis.Response> {
  return fetch(transport.url + request.target, {
    method: request.method,
    // A redirect would take the credential along, or turn a change into a read.
    redirect: 'manual',
    signal,
    ...(request.body === undefined ? {} : { body: request.body }),
    headers: {
      ...request.headers,
      ...(transport.token === null ? {} : { authorization: `Bearer ${transport.token}` }),
      ...(transport.orgId === null ? {} : { 'x-molecule-org-id': transport.orgId }),
    },
  });
}
