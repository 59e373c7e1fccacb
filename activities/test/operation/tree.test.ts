import { treeActivities } from '@holdfast/activities/operation/tree';
import { failures } from '@holdfast/workflows/failure/failures';
import { expect, test } from 'vitest';
import { givenWorkspace } from '../given-workspace.ts';
import { givenOperation } from './given-operation.ts';
import { db, useRows } from './rows-kit.ts';

useRows();

const look = (rootId: string, request: string) =>
  treeActivities({ db, poker: { poke: () => Promise.resolve() } }).lookAtTree({ rootId, requests: [request] });

test.each([
  ['BOOT_FAILED', 'kernel panic: KEY=hunter2', failures.BOOT_FAILED.says],
  ['START_FAILED', 'workspace start failed: QUOTA', 'workspace start failed: QUOTA'],
] as const)('of a member that failed as %s a tree tells nothing that its box has printed', async (code, text, told) => {
  const rootId = await givenWorkspace(db, { name: 'leaf' });
  const request = await givenOperation(db, rootId, { kind: 'resume', state: 'failed' });
  await db.operation.update({
    where: { id: request },
    data: { treeRoot: rootId, failureCode: code, failureText: text },
  });
  expect((await look(rootId, request)).failed).toEqual([{ name: 'leaf', code, text: told }]);
});
