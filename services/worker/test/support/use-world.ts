import { afterAll, afterEach, beforeAll } from 'vitest';
import type { OperationPort, RunRef } from '@holdfast/workflows/operation/ports';
import type { FolderBox } from './folder-backend.ts';
import type { BoxHooks } from './hooked.ts';
import { startWorld, type World, type WorldOptions } from './world.ts';

/** Where a test steps in; forgotten after it. */
export interface Script extends BoxHooks {
  mute?: (box: FolderBox) => boolean;
  /** Before the transaction of a step. */
  beforeRow?: (name: keyof OperationPort, order: RunRef) => Promise<unknown> | void;
  /** After the commit of a step, before the run hears of it. */
  afterRow?: (name: keyof OperationPort, order: RunRef) => Promise<unknown> | void;
}

export interface Stage {
  readonly world: () => World;
  readonly script: Script;
}

/** One world for the tests of a file: starting the workers takes longer than most of them. */
export function useWorld(options: Omit<WorldOptions, 'hooks' | 'mute' | 'rows'> = {}): Stage {
  let world: World | undefined;
  const script: Script = {};
  beforeAll(async () => {
    world = await startWorld({
      ...options,
      hooks: {
        beforeStart: (spec, signal) => script.beforeStart?.(spec, signal),
        afterStart: (spec, signal) => script.afterStart?.(spec, signal),
        beforeStop: (ref) => script.beforeStop?.(ref),
        afterStop: (ref) => script.afterStop?.(ref),
      },
      mute: (box) => script.mute?.(box) ?? false,
      rows: (records) => scripted(records, script),
    });
  });
  afterEach(() => {
    for (const name of Object.keys(script) as (keyof Script)[]) delete script[name];
  });
  afterAll(() => world?.[Symbol.asyncDispose]());
  return {
    script,
    world() {
      if (!world) throw new Error('the world has not started');
      return world;
    },
  };
}

function scripted(records: OperationPort, script: Script): OperationPort {
  const wrapped = Object.entries(records).map(([name, call]) => [
    name,
    async (order: RunRef): Promise<unknown> => {
      await script.beforeRow?.(name as keyof OperationPort, order);
      const result: unknown = await (call as (order: object) => Promise<unknown>)(order);
      await script.afterRow?.(name as keyof OperationPort, order);
      return result;
    },
  ]);
  return Object.fromEntries(wrapped) as OperationPort;
}

/** Holds whoever waits until it is let go. */
export function gate(): { readonly passed: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: () => open() };
}

export const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
  });
