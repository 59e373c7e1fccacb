import type { Tx } from '@holdfast/prisma';
import { recordEvents } from '../event/event-records.ts';
import { Refusal } from '../failure/refusal.ts';
import { changeStatus, clearAddress } from './status-change.ts';
import { lockSubtree, type SubtreeRow } from './subtree.ts';
import { takeInTree, type TreeIntake } from './tree-intake.ts';

/**
 * Pauses a workspace and everything below it that is not paused already, before anything is stopped. What waits for the
 * end of a pause that runs is dropped, so that the last word is "paused".
 * @throws Refusal WORKSPACE_NOT_FOUND, also when it is paused and nothing waits
 */
export async function requestPause(
  tx: Tx,
  { workspaceId, actor, reason = 'pause' }: { workspaceId: string; actor: string; reason?: string },
): Promise<TreeIntake> {
  const rows = await lockSubtree(tx, workspaceId, 'pause');
  const [root] = rows;
  if (!root || root.status === 'removed' || isAtRest(root)) {
    throw new Refusal('WORKSPACE_NOT_FOUND', 'workspace not found or already paused');
  }
  const targets = rows.filter((row) => !isAtRest(row));
  const intake = await takeInTree(tx, root.id, targets, { kind: 'pause', actor, reason });
  const paused: SubtreeRow[] = [];
  for (const row of targets) if (await changeStatus(tx, row.id, 'pause', clearAddress)) paused.push(row);
  await recordEvents(
    tx,
    paused.map(({ id, name }) => ({ workspaceId: id, type: 'WORKSPACE_PAUSED', payload: { name } })),
  );
  return intake;
}

/** Paused, and nothing is going to change that. */
const isAtRest = ({ status, waits }: SubtreeRow): boolean => status === 'paused' && !waits;
