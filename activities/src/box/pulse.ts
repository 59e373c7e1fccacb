/** How a long step tells that it is alive, and hears that it is to end. */
export interface Pulse {
  readonly signal: AbortSignal;
  beat(): void;
}

/** Beats while `work` runs, from the first moment on: the answer to a beat is what brings the cancellation. */
export async function beating<T>(pulse: Pulse, everyMs: number, work: () => Promise<T>): Promise<T> {
  pulse.beat();
  const timer = setInterval(() => pulse.beat(), everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
