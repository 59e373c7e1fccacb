export interface WaitOptions {
  /** How long to wait before giving up; milliseconds. */
  readonly timeoutMs?: number;
  /** Pause between two looks; milliseconds. */
  readonly everyMs?: number;
  /** What is waited for, for the error text. */
  readonly what?: string;
}

/**
 * Looks at a condition until it holds and returns its value. A condition that throws has not come true yet.
 * @throws Error naming what was waited for, with the last error as its cause
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  options: WaitOptions = {},
): Promise<Exclude<T, undefined | null | false>> {
  const { timeoutMs = 30_000, everyMs = 20, what = 'the condition' } = options;
  const until = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value !== undefined && value !== null && value !== false) {
        return value as Exclude<T, undefined | null | false>;
      }
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() >= until) {
      throw new Error(`${what} did not come true within ${timeoutMs} ms`, { cause: last });
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
