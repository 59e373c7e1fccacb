import { CancelledFailure } from '@temporalio/common';
import type { BoxOrder, Settled } from '@holdfast/workflows/box/ports';
import type { BoxContext } from './box-context.ts';
import type { Pulse } from './pulse.ts';
import { stopBox } from './stop-box.ts';

/** Stops what the ledger wants stopped of a workspace on this host: `stopping` and `owed`, never a newer box. */
export async function settleBoxes(
  context: BoxContext,
  order: BoxOrder & { limitMs: number },
  { signal }: Pulse,
): Promise<Settled> {
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
