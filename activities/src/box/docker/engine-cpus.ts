import type Docker from 'dockerode';
import { cancellable } from './cancellable.ts';
import { call } from './engine-error.ts';

const LIMIT_MS = 30_000;

/** How many CPUs the engine has; asked once. It refuses a box that may use more than there are. */
export function engineCpus(docker: Docker): () => Promise<number> {
  let known: Promise<number> | undefined;
  return () => {
    known ??= call('info', LIMIT_MS, async (abortSignal) => {
      const { NCPU } = await cancellable(docker).info({ abortSignal });
      return NCPU;
    }).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}
