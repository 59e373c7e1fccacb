import { describe, expect, test } from 'vitest';
import { everythingOf, givenBox, givenOperation, givenOwner, thrownBy } from '../operation/given-operation.ts';
import { boxesOf, db, useRows, workspace } from '../operation/rows-kit.ts';
import {
  carriedOut,
  eventsOf,
  givenTree,
  namesOf,
  operationsOf,
  pause,
  remove,
  statusesOf,
  taken,
} from './tree-kit.ts';

useRows();

const family = { root: { deep: { deeper: { deepest: 'paused' } }, wide: 'online' } } as const;

describe('a delete of a tree', () => {
  test('marks every workspace at every depth removed in one request, before anything is stopped', async () => {
    const ids = await givenTree({ above: { ...family, beside: 'online' } });
    for (const id of Object.values(ids)) {
      await db.canvasLayout.create({ data: { workspaceId: id } });
      const tokenHash = Uint8Array.from(Buffer.from(id.replaceAll('-', ''), 'hex'));
      await db.workspaceAuthToken.create({ data: { workspaceId: id, tokenHash, prefix: 'p' } });
    }
    const { treeId, ...intake } = taken(await remove(ids['root']!));
    expect(namesOf({ treeId, ...intake })).toEqual(['root', 'deep', 'wide', 'deeper', 'deepest']);
    const gone = ['root', 'deep', 'wide', 'deeper', 'deepest'].map((name) => ids[name]!);
    expect(await statusesOf(ids)).toMatchObject({
      above: 'online',
      beside: 'online',
      root: 'removed',
      deepest: 'removed',
    });
    for (const id of gone) {
      const [operation] = await operationsOf(id);
      expect(await workspace(id)).toMatchObject({
        status: 'removed',
        url: '',
        operationId: operation!.id,
        removedAt: expect.any(Date),
      });
      expect(operation).toMatchObject({
        kind: 'delete',
        state: 'accepted',
        parentId: id === ids['root'] ? null : treeId,
        treeRoot: ids['root'],
      });
    }
    expect(await db.canvasLayout.count({ where: { workspaceId: { in: gone } } })).toBe(0);
    expect(await db.workspaceAuthToken.count({ where: { workspaceId: { in: gone }, revokedAt: null } })).toBe(0);
    expect(await db.workspaceAuthToken.count({ where: { workspaceId: ids['beside']!, revokedAt: null } })).toBe(1);
  });

  test('tells of the others first and of the workspace itself last, with their number', async () => {
    const ids = await givenTree(family);
    await remove(ids['root']!);
    const events = await eventsOf(ids);
    expect(
      events
        .slice(0, -1)
        .map(([name]) => name as string)
        .sort(),
    ).toEqual(['deep', 'deeper', 'deepest', 'wide']);
    for (const [, type, payload] of events.slice(0, -1)) expect([type, payload]).toEqual(['WORKSPACE_REMOVED', {}]);
    expect(events.at(-1)).toEqual(['root', 'WORKSPACE_REMOVED', { cascade_deleted: 4 }]);
  });

  test('counts and tells only what it removed itself', async () => {
    const ids = await givenTree({ root: { one: 'online', before: 'removed' } });
    expect(namesOf(taken(await remove(ids['root']!)))).toEqual(['root', 'one']);
    expect(await eventsOf(ids)).toEqual([
      ['one', 'WORKSPACE_REMOVED', {}],
      ['root', 'WORKSPACE_REMOVED', { cascade_deleted: 1 }],
    ]);
  });

  test('without a confirmation names the direct children and changes nothing', async () => {
    const ids = await givenTree(family);
    const before = await Promise.all(Object.values(ids).map((id) => everythingOf(db, id)));
    expect(await thrownBy(remove(ids['root']!, { confirm: false }))).toMatchObject({
      code: 'CONFIRMATION_REQUIRED',
      facts: {
        children: [
          { id: ids['deep'], name: 'deep' },
          { id: ids['wide'], name: 'wide' },
        ],
        children_count: 2,
      },
    });
    expect(await Promise.all(Object.values(ids).map((id) => everythingOf(db, id)))).toEqual(before);
  });

  test('takes every workspace over from a pause of the same tree', async () => {
    const ids = await givenTree(family);
    await pause(ids['root']!);
    const { members } = taken(await remove(ids['root']!));
    expect(members.map(({ name, decision }) => [name, decision])).toEqual([
      ['root', 'preempt'],
      ['deep', 'preempt'],
      ['wide', 'preempt'],
      ['deeper', 'preempt'],
      // It was paused before.
      ['deepest', 'run'],
    ]);
  });
});

describe('a delete that is repeated', () => {
  test('while it runs joins every member and writes nothing', async () => {
    const ids = await givenTree(family);
    const first = taken(await remove(ids['root']!));
    const before = await Promise.all(Object.values(ids).map((id) => everythingOf(db, id)));
    const again = taken(await remove(ids['root']!));
    expect(again.treeId).toBe(first.treeId);
    expect(again.members.map(({ operationId }) => operationId)).toEqual(
      first.members.map(({ operationId }) => operationId),
    );
    expect(again.members.every(({ decision }) => decision === 'join')).toBe(true);
    expect(await Promise.all(Object.values(ids).map((id) => everythingOf(db, id)))).toEqual(before);
  });

  test('after all of it was stopped is settled', async () => {
    const ids = await givenTree(family);
    await remove(ids['root']!);
    for (const id of Object.values(ids)) expect(await carriedOut(id)).toBe('succeeded');
    expect(await remove(ids['root']!)).toEqual({ settled: true });
  });

  test.each(['owed', 'stopping', 'running', 'creating'] as const)(
    'tries the removed descendant again whose box is %s, and no other',
    async (state) => {
      const ids = await givenTree(family);
      await remove(ids['root']!);
      for (const id of Object.values(ids)) await carriedOut(id);
      const past = await givenOperation(db, ids['deepest']!, { kind: 'delete', state: 'failed' });
      await givenBox(db, { workspaceId: ids['deepest']!, operationId: past, runId: 'past' }, { state });
      const events = await eventsOf(ids);
      const { treeId, rootId, members } = taken(await remove(ids['root']!));
      expect(members).toMatchObject([{ name: 'deepest', decision: 'run' }]);
      expect(rootId).toBe(ids['root']);
      // The workspace itself has nothing left to do: the request is named after nobody.
      expect((await operationsOf(ids['deepest']!)).at(-1)).toMatchObject({ parentId: treeId });
      expect(await eventsOf(ids)).toEqual(events);
      await db.box.updateMany({ where: { workspaceId: ids['deepest']! }, data: { state: 'gone' } });
      expect(await carriedOut(ids['deepest']!)).toBe('succeeded');
      expect(await remove(ids['root']!)).toEqual({ settled: true });
    },
  );

  test('joins the removed descendant whose own delete still runs', async () => {
    const ids = await givenTree({ root: { child: 'online' } });
    const own = taken(await remove(ids['child']!));
    const { members } = taken(await remove(ids['root']!));
    expect(members.map(({ name, decision }) => [name, decision])).toEqual([
      ['root', 'run'],
      ['child', 'join'],
    ]);
    expect(members[1]!.operationId).toBe(own.treeId);
    expect(await eventsOf(ids)).toEqual([
      ['child', 'WORKSPACE_REMOVED', { cascade_deleted: 0 }],
      ['root', 'WORKSPACE_REMOVED', { cascade_deleted: 0 }],
    ]);
  });

  test('leaves the boxes of others alone', async () => {
    const ids = await givenTree({ root: { child: 'removed' }, other: 'removed' });
    const past = await givenOperation(db, ids['other']!, { kind: 'delete', state: 'failed' });
    await givenBox(db, { workspaceId: ids['other']!, operationId: past, runId: 'past' }, { state: 'owed' });
    expect(namesOf(taken(await remove(ids['root']!)))).toEqual(['root']);
    expect(await boxesOf(ids['other']!)).toMatchObject([{ state: 'owed' }]);
    expect(await operationsOf(ids['other']!)).toHaveLength(1);
  });
});

test('a delete of a workspace that is hidden below a paused one takes that too', async () => {
  const ids = await givenTree({ root: { asleep: { hidden: 'online' } } });
  const run = await givenOwner(db, ids['hidden']!, { kind: 'restart' });
  await pause(ids['asleep']!);
  expect(namesOf(taken(await remove(ids['root']!)))).toEqual(['root', 'asleep', 'hidden']);
  expect(await db.operation.findUniqueOrThrow({ where: { id: run.operationId } })).toMatchObject({
    state: 'superseded',
  });
});
