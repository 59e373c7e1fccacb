import type { BoxBackend, BoxRef, BoxSpec } from '@holdfast/activities/box/backend';

/** What a test does around the calls of a backend; what it throws is what the engine says. */
export interface BoxHooks {
  beforeStart?(spec: BoxSpec, signal: AbortSignal): Promise<void> | void;
  afterStart?(spec: BoxSpec, signal: AbortSignal): Promise<void> | void;
  beforeStop?(ref: BoxRef): Promise<void> | void;
  afterStop?(ref: BoxRef): Promise<void> | void;
}

/** The same backend, with these hooks around its starts and stops. */
export const hooked = (backend: BoxBackend, hooks: BoxHooks): BoxBackend => ({
  ...backend,
  async start(spec, signal) {
    signal.throwIfAborted();
    await hooks.beforeStart?.(spec, signal);
    const started = await backend.start(spec, signal);
    await hooks.afterStart?.(spec, signal);
    return started;
  },
  async stop(ref) {
    await hooks.beforeStop?.(ref);
    const result = await backend.stop(ref);
    await hooks.afterStop?.(ref);
    return result;
  },
});
