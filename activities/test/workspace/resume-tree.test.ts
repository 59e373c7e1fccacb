import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { workspaceStatuses } from '@holdfast/workflows/workspace/status';
import { everythingOf, givenBox, givenOperation, givenOwner, thrownBy } from '../operation/given-operation.ts';
import { boxesOf, db, place, useRows, workspace } from '../operation/rows-kit.ts';
import { eventsOf, givenTree, type Ids, namesOf, operationsOf, resume, setStatus, statusesOf } from './tree-kit.ts';

useRows();

const absent = { code: 'WORKSPACE_NOT_FOUND', message: 'workspace not found or not paused' };
const all = (ids: Ids, status: 'paused') => Promise.all(Object.values(ids).map((id) => setStatus(id, status)));
const external = (id: string) => db.workspace.update({ where: { id }, data: { runtime: 'external' } });

describe('a resume', () => {
  test('incident 46: makes a paused workspace come up, and leaves its address alone', async () => {
    const ids = await givenTree({ one: 'paused' });
    await db.workspace.update({ where: { id: ids['one']! }, data: { url: 'http://kept', tier: 2 } });
    const { treeId, members } = await resume(ids['one']!);
    expect(await operationsOf(ids['one']!)).toMatchObject([
      { id: treeId, kind: 'resume', state: 'accepted', priorStatus: 'paused', parentId: null, treeRoot: null },
    ]);
    expect(members).toMatchObject([{ decision: 'run', operationId: treeId }]);
    expect(await workspace(ids['one']!)).toMatchObject({
      status: 'provisioning',
      url: 'http://kept',
      operationId: treeId,
    });
    const payload = { name: 'one', tier: 2, runtime: 'reference' };
    expect(await eventsOf(ids)).toEqual([['one', 'WORKSPACE_PROVISIONING', payload]]);
  });

  test.each(workspaceStatuses.filter((status) => status !== 'paused'))(
    'of a workspace that is %s is not found and changes nothing',
    async (status) => {
      const ids = await givenTree({ one: status });
      const before = await everythingOf(db, ids['one']!);
      expect(await thrownBy(resume(ids['one']!))).toMatchObject(absent);
      expect(await everythingOf(db, ids['one']!)).toEqual(before);
    },
  );

  test('of what is not there is not found', async () => {
    expect(await thrownBy(resume(randomUUID()))).toMatchObject(absent);
  });

  test('waits for the end of the pause that runs, and changes nothing until then', async () => {
    const ids = await givenTree({ one: 'paused' });
    const running = await givenOwner(db, ids['one']!, { kind: 'pause' });
    const { members } = await resume(ids['one']!);
    expect(members).toMatchObject([{ decision: 'queue' }]);
    expect(await workspace(ids['one']!)).toMatchObject({ status: 'paused', operationId: running.operationId });
    expect(await eventsOf(ids)).toEqual([]);
  });

  test.each(['parent', 'grandparent'] as const)(
    'is refused under a %s that is paused, which is named',
    async (above) => {
      const ids = await givenTree({ grandparent: { parent: { one: 'paused' } } });
      await setStatus(ids[above]!, 'paused');
      const before = await everythingOf(db, ids['one']!);
      expect(await thrownBy(resume(ids['one']!))).toMatchObject({
        code: 'PARENT_PAUSED',
        message: `parent workspace "${above}" is paused — resume it first`,
      });
      expect(await everythingOf(db, ids['one']!)).toEqual(before);
    },
  );
});

describe('a resume of a tree', () => {
  test('reaches every depth through paused workspaces, and nothing behind one that is not', async () => {
    const ids = await givenTree({
      root: { deep: { deeper: { deepest: 'paused' } }, awake: { hidden: 'paused' }, dead: 'removed', wide: 'paused' },
    });
    for (const name of ['root', 'deep', 'deeper']) await setStatus(ids[name]!, 'paused');
    const { treeId, ...intake } = await resume(ids['root']!);
    expect(namesOf({ treeId, ...intake })).toEqual(['root', 'deep', 'wide', 'deeper', 'deepest']);
    expect(await statusesOf(ids)).toEqual({
      root: 'provisioning',
      deep: 'provisioning',
      deeper: 'provisioning',
      deepest: 'provisioning',
      wide: 'provisioning',
      awake: 'online',
      hidden: 'paused',
      dead: 'removed',
    });
    expect(await operationsOf(ids['deepest']!)).toMatchObject([{ parentId: treeId, treeRoot: ids['root'] }]);
  });
});

test('a resume of a mock brings it up as its create did: nobody else would', async () => {
  const ids = await givenTree({ one: 'paused' });
  await db.workspace.update({ where: { id: ids['one']! }, data: { runtime: 'mock' } });
  const { treeId, members } = await resume(ids['one']!);
  expect(members).toMatchObject([{ decision: 'run', operationId: treeId }]);
  expect(await workspace(ids['one']!)).toMatchObject({ status: 'provisioning', operationId: treeId });
  expect((await eventsOf(ids)).map(([, type]) => type)).toEqual(['WORKSPACE_PROVISIONING']);
});

describe('a resume of a workspace whose agent somebody else runs', () => {
  test('lets that agent come back at once, without an operation', async () => {
    const ids = await givenTree({ one: 'paused' });
    await external(ids['one']!);
    expect(await resume(ids['one']!)).toEqual({
      rootId: ids['one'],
      treeId: null,
      members: [{ workspaceId: ids['one'], name: 'one', operationId: null, decision: 'direct' }],
    });
    expect(await workspace(ids['one']!)).toMatchObject({ status: 'awaiting_agent', operationId: null });
    expect(await operationsOf(ids['one']!)).toEqual([]);
    expect(await eventsOf(ids)).toEqual([['one', 'WORKSPACE_AWAITING_AGENT', { name: 'one', external: true }]]);
  });

  test('owes the box of an earlier runtime that the pause was stopping', async () => {
    const ids = await givenTree({ one: 'paused' });
    await external(ids['one']!);
    const run = await givenOwner(db, ids['one']!, { kind: 'pause' });
    const waiting = await givenOperation(db, ids['one']!, { kind: 'resume' });
    await givenBox(db, run, { state: 'running', current: true });
    await givenBox(db, run, { state: 'stopping', cycle: 2 });
    await resume(ids['one']!);
    expect((await boxesOf(ids['one']!)).map(({ state }) => state)).toEqual(['owed', 'owed']);
    expect(await workspace(ids['one']!)).toMatchObject({ boxId: null, operationId: null });
    for (const id of [run.operationId, waiting]) {
      expect(await db.operation.findUniqueOrThrow({ where: { id } })).toMatchObject({
        state: 'superseded',
        endedAt: expect.any(Date),
      });
    }
  });

  test('goes with the rest of its tree, also as its root', async () => {
    const ids = await givenTree({ root: { inner: 'paused', outer: 'paused' } });
    await setStatus(ids['root']!, 'paused');
    await external(ids['root']!);
    await external(ids['outer']!);
    const { treeId, members } = await resume(ids['root']!);
    expect(members.map(({ name, decision }) => [name, decision])).toEqual([
      ['root', 'direct'],
      ['inner', 'run'],
      ['outer', 'direct'],
    ]);
    expect(await operationsOf(ids['inner']!)).toMatchObject([{ parentId: treeId, treeRoot: ids['root'] }]);
    expect(await statusesOf(ids)).toEqual({ root: 'awaiting_agent', inner: 'provisioning', outer: 'awaiting_agent' });
  });
});

describe('a resume where no worker ever served a backend', () => {
  const without = async (work: () => Promise<void>): Promise<void> => {
    await db.backend.deleteMany();
    try {
      await work();
    } finally {
      await db.backend.create({ data: { host: place.host, kind: place.backend } });
    }
  };

  test('is refused before the paused ancestor is looked at, and resumes nothing of the tree', async () => {
    const ids = await givenTree({ above: { root: { inner: 'paused', outer: 'paused' } } });
    await all(ids, 'paused');
    await external(ids['root']!);
    await without(async () => {
      expect(await thrownBy(resume(ids['root']!))).toMatchObject({
        code: 'NO_BACKEND',
        message: 'provisioner not available',
      });
    });
    expect(new Set(Object.values(await statusesOf(ids)))).toEqual(new Set(['paused']));
  });

  test('works for workspaces that need none, and for one that has its place', async () => {
    const ids = await givenTree({ outer: 'paused', placed: 'paused' });
    await external(ids['outer']!);
    await db.workspace.update({ where: { id: ids['placed']! }, data: { backend: 'docker', host: 'away' } });
    await without(async () => {
      expect((await resume(ids['outer']!)).members).toMatchObject([{ decision: 'direct' }]);
      expect((await resume(ids['placed']!)).members).toMatchObject([{ decision: 'run' }]);
    });
  });
});
