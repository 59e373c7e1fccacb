import { condition, defineSignal, proxyActivities, proxyLocalActivities, setHandler } from '@temporalio/workflow';

export interface FloorActivities {
  prepare: (id: string) => Promise<void>;
  start: (id: string) => Promise<void>;
  done: (id: string) => Promise<void>;
}

const { prepare, start } = proxyActivities<FloorActivities>({
  taskQueue: 'bench-floor-boxes',
  startToCloseTimeout: '1m',
});
const { done } = proxyLocalActivities<FloorActivities>({ startToCloseTimeout: '1m' });

/** What Temporal alone costs for a bring-up: two activities on a queue of their own, and a signal that ends the wait. */
export async function floor(id: string): Promise<void> {
  let pokes = 0;
  setHandler(defineSignal('poke'), () => {
    pokes += 1;
  });
  await prepare(id);
  // One poke came with the start; the next one is the register's.
  await start(id);
  await condition(() => pokes > 1, '1m');
  await done(id);
}
