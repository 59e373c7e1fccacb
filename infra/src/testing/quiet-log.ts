/** For what wants a log in a test that reads none. */
export const quietLog = { info: () => undefined, warn: () => undefined, error: () => undefined };
