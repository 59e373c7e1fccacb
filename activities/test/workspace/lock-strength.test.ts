import { expect, test } from 'vitest';
import { requestRestartsAfterGlobalChange } from '@holdfast/activities/workspace/request-restarts';
import { changeStatus } from '@holdfast/activities/workspace/status-change';
import { lockSubtree } from '@holdfast/activities/workspace/subtree';
import { lockWorkspace } from '@holdfast/activities/workspace/workspace-row';
import { isLockAwaited, waitFor } from '@holdfast/infra/testing/index';
import type { Tx } from '@holdfast/prisma';
import { db, useRows } from '../operation/rows-kit.ts';
import { givenTree } from './tree-kit.ts';

useRows();

/** A child whose id comes after its parent's, so that whoever takes both takes the parent first. */
async function familyInOrder(): Promise<{ root: string; child: string }> {
  for (;;) {
    const { root, child } = await givenTree({ root: { child: 'online' } });
    if (root! < child!) return { root: root!, child: child! };
  }
}

const takers: readonly (readonly [string, (tx: Tx, root: string) => Promise<unknown>])[] = [
  ['a tree', (tx, root) => lockSubtree(tx, root, 'live')],
  [
    'a change for everybody',
    (tx) => requestRestartsAfterGlobalChange(tx, { key: 'KEY', actor: 'test', reason: 'test' }),
  ],
];

// Postgres checks a foreign key again when a row is written twice in one transaction, and shares the parent's row for it.
test.each(takers)('a step that writes its row twice does not wait in a circle with %s', async (_, take) => {
  const { root, child } = await familyInOrder();
  let tree: Promise<unknown> | undefined;
  await db.$transaction(async (tx) => {
    await lockWorkspace(tx, child);
    await changeStatus(tx, child, 'boxDead');
    tree = db.$transaction((other) => take(other, root));
    tree.catch(() => undefined);
    await waitFor(() => isLockAwaited(db), { what: 'the tree to hold the parent and wait for the child' });
    expect(await changeStatus(tx, child, 'restart')).toBe(true);
  });
  await tree;
});
