import type Docker from 'dockerode';

interface Cancellable {
  readonly abortSignal: AbortSignal;
}

/** Calls of the engine's client that take a signal, which its types do not know. */
export interface CancellableCalls {
  ping(options: Cancellable): Promise<unknown>;
  info(options: Cancellable): Promise<{ NCPU: number }>;
}

export const cancellable = (docker: Docker): CancellableCalls => docker as unknown as CancellableCalls;
