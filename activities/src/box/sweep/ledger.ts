import { loseBox } from '../lose-box.ts';
import { within } from '../within.ts';
import type { Found, LedgerBox, SweepView, Suspect } from './pass.ts';

/**
 * Boxes that the ledger believes up and that are not there, asked about one by one: what cannot be said to be gone is
 * not. Where somebody is changing the workspace, its operation finds out by itself.
 */
export async function findLostBoxes(view: SweepView): Promise<Found> {
  const suspects: Suspect[] = [];
  for (const { backend, boxes } of view.listed) {
    const there = new Set(boxes.map(({ boxId }) => boxId));
    for (const box of view.believedUp) {
      if (box.backend !== backend.kind || box.isOwned || there.has(box.boxId)) continue;
      if (!(await within(view.leftMs(), backend.isRunning(box))).running) suspects.push(suspect(view, box));
    }
  }
  // They are of the fleet that the other pass has counted.
  return { fleet: 0, suspects };
}

const suspect = ({ context, poker }: SweepView, { boxId, workspaceId, backend }: LedgerBox): Suspect => ({
  kind: 'ledger',
  boxId,
  workspaceId,
  backend,
  what: 'the ledger believes a box up that is not there',
  action: 'note that it is gone, and restart its workspace if it should run',
  async mend() {
    const finder = { actor: `loop:orphan-sweeper:${context.host}`, reason: 'its box is gone' };
    const lost = await context.db.$transaction((tx) => loseBox(tx, { boxId, workspaceId, isThere: false }, finder));
    if (lost?.poke) await poker.poke(workspaceId).catch(() => undefined);
    return lost !== null;
  },
});
