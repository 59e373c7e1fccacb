import type { Poker } from '@holdfast/activities/operation/poker';
import { requestDelete } from '@holdfast/activities/workspace/delete-workspace';
import type { Database } from '@holdfast/prisma';
import { pokeAfter } from './verbs.ts';

/** Asks for the end of every workspace that is left; those that went with the tree of another are gone by their turn. */
export async function deleteAll(db: Database, poker: Poker): Promise<void> {
  const left = await db.workspace.findMany({ where: { status: { not: 'removed' } } });
  for (const { id } of left) {
    const request = { workspaceId: id, confirm: true, purge: false, actor: 'property-test' };
    const intake = await db.$transaction((tx) => requestDelete(tx, request));
    if (!intake.settled)
      await pokeAfter(poker, { operations: [], poke: { workspaceId: id, tree: intake.members.length > 1 } });
  }
}
