/** Deadlock and serialisation: Postgres undid everything and asks to try again. */
const states = /^40(001|P01)$/;

interface ErrorShape {
  code?: unknown;
  meta?: { code?: unknown; driverAdapterError?: unknown };
  cause?: unknown;
  originalCode?: unknown;
}

/** True when the same transaction may simply be run again. */
export function isTransient(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > 5) return false;
  const { code, meta, cause, originalCode } = error as ErrorShape;
  if (
    code === 'P2034' ||
    [code, meta?.code, originalCode].some((state) => typeof state === 'string' && states.test(state))
  )
    return true;
  return isTransient(meta?.driverAdapterError, depth + 1) || isTransient(cause, depth + 1);
}
