/** npm passes Ctrl-C on to us although the terminal has told us already. */
const ECHO_MS = 2_000;

/** Resolves at the first request to stop; another one, later, does not wait for anything. */
export function stopAsked(): Promise<void> {
  let first: number | undefined;
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (first !== undefined && performance.now() - first > ECHO_MS) process.exit(1);
        first ??= performance.now();
        resolve();
      });
    }
  });
}
