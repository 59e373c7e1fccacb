import type { BoxBackend, SeenBox } from '../backend.ts';
import { isId } from '../names.ts';
import { stopBox } from '../stop-box.ts';
import { type LedgerRow, ledgerColumns } from '../ledger.ts';
import { within } from '../within.ts';
import type { Found, SweepView, Suspect } from './pass.ts';
import { clearVolumes } from './volumes.ts';

/** Real boxes of ours that the ledger does not know, or had believed gone before anybody looked. */
export async function findStrayBoxes(view: SweepView): Promise<Found> {
  const seen = view.listed.flatMap(({ backend, boxes }) =>
    boxes.filter(({ boxId, workspaceId }) => isId(boxId) && isId(workspaceId)).map((box) => ({ backend, box })),
  );
  const ids = seen.map(({ box }) => box.boxId);
  const known = await view.context.db.$queryRaw<{ id: string; is_gone: boolean }[]>`
    SELECT id, state = 'gone' AND gone_at < ${view.askedAt} AS is_gone FROM boxes WHERE id = ANY(${ids}::uuid[])`;
  const isGone = new Map(known.map(({ id, is_gone }) => [id, is_gone]));
  const suspects = seen
    .filter(({ box }) => isGone.get(box.boxId) ?? true)
    .map(({ backend, box }) => suspect(view, backend, box, isGone.has(box.boxId)));
  const fleet = new Set([...ids, ...view.believedUp.map(({ boxId }) => boxId)]);
  return { fleet: fleet.size, suspects };
}

const suspect = (view: SweepView, backend: BoxBackend, box: SeenBox, isOnLedger: boolean): Suspect => ({
  kind: 'box',
  boxId: box.boxId,
  workspaceId: box.workspaceId,
  backend: backend.kind,
  what: isOnLedger ? 'a box that the ledger believes gone' : 'a box that the ledger does not know',
  action: 'stop it, and remove the volumes of a workspace that is gone',
  async mend() {
    if (isOnLedger) {
      if (!(await stopKnown(view, box))) return false;
    } else {
      await within(view.leftMs(), backend.stop(box));
    }
    await clearVolumes(view, backend, box.workspaceId);
    return true;
  },
});

/** There it is: so it is owed, and is stopped as every box that is. */
async function stopKnown({ context, leftMs }: SweepView, { boxId }: SeenBox): Promise<boolean> {
  const [row] = await context.db.$queryRaw<LedgerRow[]>`
    UPDATE boxes SET state = 'owed', gone_at = NULL, owed_reason = 'it was there after it was believed gone',
      next_attempt_at = clock_timestamp() + interval '1 minute'
    WHERE id = ${boxId}::uuid AND state = 'gone'
    RETURNING ${ledgerColumns}`;
  if (!row) return false;
  const debt = await stopBox(context, row, { limitMs: leftMs(), signal: new AbortController().signal });
  if (debt !== undefined) throw new Error(debt);
  return true;
}
