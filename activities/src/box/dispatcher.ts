import type { BackendKind } from '@holdfast/workflows/box/box';
import { BackendError } from './backend-error.ts';
import type { BoxBackend, BoxRef, Probe, RemoveVolumes, StopResult } from './backend.ts';

/** The only code that picks a backend. Having none is a state that every call has an answer for. */
export interface Dispatcher {
  readonly backends: readonly BoxBackend[];
  /** @throws BackendError noBackend */
  backendOf(kind: string): BoxBackend;
  /** Without a backend nobody runs the box here, and there is nothing to stop. */
  stop(kind: string, ref: BoxRef): Promise<StopResult | 'noBackend'>;
  /** @throws BackendError noBackend */
  isRunning(kind: string, ref: BoxRef): Promise<Probe>;
  /** Of all backends: the volumes of a workspace may be of one that it has left. */
  removeVolumes(workspaceId: string, options: RemoveVolumes): Promise<void>;
}

export function createDispatcher(backends: readonly BoxBackend[]): Dispatcher {
  const byKind = new Map<BackendKind, BoxBackend>(backends.map((backend) => [backend.kind, backend]));
  const find = (kind: string): BoxBackend | undefined => byKind.get(kind as BackendKind);
  const backendOf = (kind: string): BoxBackend => {
    const backend = find(kind);
    if (!backend) throw new BackendError('noBackend', `no backend "${kind}" on this host`);
    return backend;
  };
  return {
    backends,
    backendOf,
    stop: async (kind, ref) => find(kind)?.stop(ref) ?? 'noBackend',
    isRunning: async (kind, ref) => backendOf(kind).isRunning(ref),
    async removeVolumes(workspaceId, options) {
      for (const backend of backends) await backend.removeVolumes(workspaceId, options);
    },
  };
}
