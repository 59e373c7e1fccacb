import { type ProvidedContext, inject } from 'vitest';

/**
 * A fact of the global setup.
 * @throws Error in a unit test, which has none
 */
export function provided<K extends keyof ProvidedContext>(key: K): ProvidedContext[K] {
  const value = inject(key as never) as ProvidedContext[K] | undefined;
  if (value === undefined) {
    throw new Error('a test that needs Postgres, Temporal or Docker belongs in the "test" folder of its package');
  }
  return value;
}

/** For `describe.skipIf(!hasDocker())`: false where no engine answers, which CI does not allow. */
export const hasDocker = (): boolean => provided('dockerEngine');
