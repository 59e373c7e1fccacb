import { CancelledFailure } from '@temporalio/common';
import type { BoxOrder, Settled } from '@holdfast/workflows/box/ports';
import type { BoxContext } from './box-context.ts';
import type { Pulse } from './pulse.ts';
import { stepFailure } from './step-failure.ts';
import { stopBox } from './stop-box.ts';

type SettleOrder = BoxOrder & { limitMs: number };

/** Stops what the ledger wants stopped of a workspace on this host: `stopping` and `owed`, never a newer box. */
export async function settleBoxes(context: BoxContext, order: SettleOrder, pulse: Pulse): Promise<Settled> {
  try {
    return await stopAll(context, order, pulse);
  } catch (error) {
    const { log } = context;
    const facts = { workspaceId: order.workspaceId, step: 'settle' };
    // What a backend says is a debt by now: what is left is the ledger that cannot be read or written.
    throw stepFailure(error, { log, signal: pulse.signal, facts, secrets: [], unexpected: 'PLATFORM_UNAVAILABLE' });
  }
}

async function stopAll(context: BoxContext, order: SettleOrder, { signal }: Pulse): Promise<Settled> {
  const { db, owner, host } = context;
  const boxes = await db.box.findMany({
    where: { workspaceId: order.workspaceId, owner, host, state: { in: ['stopping', 'owed'] } },
    orderBy: { createdAt: 'asc' },
  });
  const debts = await Promise.all(boxes.map((box) => stopBox(context, box, { limitMs: order.limitMs, signal })));
  const owed = debts.flatMap((reason, at) => (reason === undefined ? [] : [`box ${boxes[at]?.id}: ${reason}`]));
  // Cut short, it has not had its time: whoever comes next begins anew with the same rows.
  if (signal.aborted && owed.length > 0) throw new CancelledFailure('cancelled');
  return { gone: debts.length - owed.length, owed };
}
