import { patchWorkspace } from '@holdfast/activities/workspace/patch-workspace';
import { workspaceStatuses } from '@holdfast/workflows/workspace/status';
import { describe, expect, test } from 'vitest';
import { givenWorkspace } from '../given-workspace.ts';
import { everythingOf, givenBox, givenOperation, givenOwner } from '../operation/given-operation.ts';
import { boxesOf, db, operation, useRows, workspace } from '../operation/rows-kit.ts';
import { eventsOf } from './tree-kit.ts';

useRows();

const toRuntime = (id: string, runtime: string) => db.$transaction((tx) => patchWorkspace(tx, id, { runtime }));
/** A workspace whose box is there, and nobody changes it any more. */
async function withBox(status: (typeof workspaceStatuses)[number] = 'online') {
  const id = await givenWorkspace(db, { status, url: 'http://its.box' });
  const run = await givenOwner(db, id, { kind: 'provision' });
  await givenBox(db, run, { current: true });
  await db.operation.update({ where: { id: run.operationId }, data: { state: 'succeeded' } });
  await db.workspace.update({ where: { id }, data: { operationId: null } });
  return { id, run };
}

describe('a workspace whose runtime becomes one that its operator runs', () => {
  test('owes its box, which the sweeper then stops, and waits for the agent of its operator', async () => {
    const { id } = await withBox();
    await toRuntime(id, 'external');
    expect(await boxesOf(id)).toMatchObject([{ state: 'owed', owedReason: 'its runtime has no box any more' }]);
    expect(await workspace(id)).toMatchObject({ runtime: 'external', status: 'awaiting_agent', boxId: null, url: '' });
    expect(await eventsOf({ one: id })).toEqual([
      ['one', 'WORKSPACE_AWAITING_AGENT', { name: expect.any(String) as string, external: true }],
    ]);
  });

  test.each(['provision', 'restart', 'hibernate', 'switch'] as const)(
    'is taken from the %s that runs, and from whatever waits behind it',
    async (kind) => {
      const id = await givenWorkspace(db, { status: kind === 'hibernate' ? 'hibernating' : 'provisioning' });
      const run = await givenOwner(db, id, { kind });
      const waiting = await givenOperation(db, id, { kind: 'restart' });
      await givenBox(db, run, { state: 'stopping' });
      await givenBox(db, run, { state: 'creating', current: true, cycle: 2 });
      await toRuntime(id, 'external');
      expect((await boxesOf(id)).map(({ state }) => state)).toEqual(['owed', 'owed']);
      expect(await workspace(id)).toMatchObject({ status: 'awaiting_agent', operationId: null, boxId: null });
      for (const one of [run.operationId, waiting]) expect(await operation(one)).toMatchObject({ state: 'superseded' });
    },
  );

  test.each(workspaceStatuses.filter((status) => status !== 'removed'))(
    'does not stay %s, unless it is paused',
    async (status) => {
      const { id } = await withBox(status);
      await toRuntime(id, 'external');
      expect(await workspace(id)).toMatchObject({ status: status === 'paused' ? 'paused' : 'awaiting_agent' });
      expect(await boxesOf(id)).toMatchObject([{ state: 'owed' }]);
    },
  );

  test('is left as it is when it was one before', async () => {
    const id = await givenWorkspace(db, { status: 'online', runtime: 'external', url: 'http://its.agent' });
    const run = await givenOwner(db, id, { kind: 'pause' });
    await toRuntime(id, 'external');
    expect(await workspace(id)).toMatchObject({
      status: 'online',
      operationId: run.operationId,
      url: 'http://its.agent',
    });
    expect(await eventsOf({ one: id })).toEqual([]);
  });
});

test('a workspace that gets another runtime with a box keeps the one it has until it is restarted', async () => {
  const { id } = await withBox();
  const { boxes } = (await everythingOf(db, id)) as { boxes: unknown };
  await toRuntime(id, 'hermes');
  expect(await everythingOf(db, id)).toMatchObject({ boxes, workspace: { runtime: 'hermes', status: 'online' } });
});
