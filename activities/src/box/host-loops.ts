import type { Refreshed, RefreshOrder } from '@holdfast/workflows/loop/images';
import type { HostSweep, SweepOrder } from '@holdfast/workflows/loop/sweep';
import type { Poker } from '../operation/poker.ts';
import type { BoxBackend } from './backend.ts';
import type { BoxContext } from './box-context.ts';
import { createDispatcher } from './dispatcher.ts';
import { checkHealth, type HealthReport } from './health.ts';
import { refreshImages } from './image-refresh.ts';
import { watchImages } from './image-watch.ts';
import { sweepHost } from './sweep/sweep.ts';

/** What keeps the boxes of one host equal to the record; each call is one tick. */
export interface HostLoops {
  checkHealth(): Promise<HealthReport>;
  sweep(order: SweepOrder): Promise<HostSweep>;
  refresh(order: RefreshOrder): Promise<Refreshed>;
  watchImages(): Promise<{ watched: number; refreshed: number; failed: number }>;
}

export interface HostLoopsOptions extends Omit<BoxContext, 'dispatcher'> {
  readonly backends: readonly BoxBackend[];
  readonly poker: Pick<Poker, 'poke'>;
}

export function createHostLoops({ backends, poker, ...options }: HostLoopsOptions): HostLoops {
  const context: BoxContext = { ...options, dispatcher: createDispatcher(backends) };
  const actor = `loop:image-auto-refresh:${context.host}`;
  const watcher = watchImages(context, (runtimes) =>
    refreshImages(context, poker, { runtimes, recreate: true, actor }),
  );
  return {
    checkHealth: () => checkHealth(context, poker),
    sweep: (order) => sweepHost(context, poker, order),
    refresh: (order) => refreshImages(context, poker, order),
    watchImages: () => watcher.tick(),
  };
}
