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

test('a tree sees what was asked for after it, though all of that ended before it looked', async () => {
  const rootId = await givenWorkspace(db, { name: 'root' });
  const asked = async (kind: 'pause' | 'delete', state: 'superseded' | 'succeeded'): Promise<string> => {
    const id = await givenOperation(db, rootId, { kind, state });
    await db.operation.update({ where: { id }, data: { treeRoot: rootId } });
    return id;
  };
  await asked('pause', 'succeeded');
  const pause = await asked('pause', 'superseded');
  const deletion = await asked('delete', 'succeeded');
  expect(await look(rootId, pause)).toMatchObject({
    latest: { request: deletion, type: 'deleteTree' },
    members: { superseded: 1, succeeded: 1 },
  });
  expect(await look(rootId, deletion)).toMatchObject({
    latest: { request: deletion, type: 'deleteTree' },
    members: { succeeded: 1 },
  });
});
