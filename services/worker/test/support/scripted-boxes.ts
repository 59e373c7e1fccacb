import { Context } from '@temporalio/activity';
import type { Database } from '@holdfast/prisma';
import type { BoxPort } from '@holdfast/workflows/box/ports';

export type BoxStep = keyof BoxPort;
export type Script = Partial<Record<BoxStep, (order: never) => Promise<void>>>;

/**
 * Boxes without a backend: the ledger is kept as the real ones keep it, and a script says where things go wrong.
 * `log` is what was done, in order.
 */
export function scriptedBoxes(db: () => Database, script: Script = {}): BoxPort & { log: string[] } {
  const log: string[] = [];
  const step = async (name: BoxStep, order: object): Promise<void> => {
    log.push(`${name}:begin`);
    try {
      await script[name]?.(order as never);
      log.push(`${name}:end`);
    } catch (error) {
      log.push(`${name}:failed`);
      throw error;
    }
  };
  return {
    log,
    prepareBox: (order) => step('prepareBox', order),
    async startBox(order) {
      await step('startBox', order);
      await db().box.updateMany({
        where: { id: order.boxId, state: 'creating' },
        data: { state: 'running', externalId: order.boxId },
      });
    },
    async settleBoxes(order) {
      await step('settleBoxes', order);
      const { count } = await db().box.updateMany({
        where: { workspaceId: order.workspaceId, host: order.host, state: { in: ['stopping', 'owed'] } },
        data: { state: 'gone' },
      });
      return { gone: count, owed: [] };
    },
    removeVolumes: (order) => step('removeVolumes', order),
  };
}

/** Hangs, beating, until it is cancelled; what a slow engine looks like. */
export async function untilCancelled(): Promise<void> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), 100);
  try {
    await context.cancelled;
  } finally {
    clearInterval(beat);
  }
}
