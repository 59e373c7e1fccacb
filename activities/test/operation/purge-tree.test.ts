import { describe, expect, test } from 'vitest';
import {
  begun,
  carriedOut,
  givenTree,
  type Ids,
  operationsOf,
  remove,
  statusesOf,
  taken,
} from '../workspace/tree-kit.ts';
import { givenWorkspace } from '../given-workspace.ts';
import { givenBox, givenOperation } from './given-operation.ts';
import { boxesOf, db, operation, rows, useRows, workspace } from './rows-kit.ts';

useRows();

const family = { root: { middle: { tip: 'online' }, side: 'online' } } as const;
const purge = (id: string) => remove(id, { purge: true });
const gone = (ids: Ids) => Object.fromEntries(Object.keys(ids).map((name) => [name, 'gone']));
const isThere = (ids: Ids) => Object.fromEntries(Object.keys(ids).map((name) => [name, 'removed']));

/** A tree whose workspaces have something to erase, and a box that was stopped. */
async function given(plan: Parameters<typeof givenTree>[0] = family): Promise<Ids> {
  const ids = await givenTree(plan);
  for (const workspaceId of Object.values(ids)) {
    await db.workspaceSecret.create({ data: { workspaceId, key: 'K', encryptedValue: Uint8Array.from([1]) } });
    await db.workspaceConfig.create({ data: { workspaceId } });
    await db.agentMemory.create({ data: { workspaceId, scope: 's', content: 'c' } });
    await db.canvasLayout.create({ data: { workspaceId } });
    await db.workspaceAuthToken.create({
      data: { workspaceId, tokenHash: Uint8Array.from(Buffer.from(workspaceId)), prefix: 'p' },
    });
    await box(workspaceId, 'gone');
  }
  return ids;
}

async function box(workspaceId: string, state: 'gone' | 'owed'): Promise<string> {
  const operationId = await givenOperation(db, workspaceId, { kind: 'provision', state: 'succeeded' });
  return givenBox(db, { workspaceId, operationId, runId: 'past' }, { state });
}

const left = async (ids: Ids): Promise<number> => {
  const where = { workspaceId: { in: Object.values(ids) } };
  const counts = await Promise.all([
    db.workspaceSecret.count({ where }),
    db.workspaceConfig.count({ where }),
    db.agentMemory.count({ where }),
    db.canvasLayout.count({ where }),
    db.workspaceAuthToken.count({ where }),
  ]);
  return counts.reduce((sum, count) => sum + count, 0);
};

/** Every order in which the members of a request may end. */
const orders = (names: readonly string[]): string[][] =>
  names.length === 0
    ? [[]]
    : names.flatMap((name) => orders(names.filter((each) => each !== name)).map((rest) => [name, ...rest]));

describe('a purge of a tree', () => {
  test.each(orders(Object.keys({ root: 0, middle: 0, tip: 0, side: 0 })))(
    'erases all of it with the last that is stopped, and nothing before (%s, %s, %s, %s)',
    async (...order) => {
      const ids = await given();
      const pointer = await givenWorkspace(db, { forwarded: { connect: { id: ids['middle']! } } });
      const { members } = taken(await purge(ids['root']!));
      for (const name of order.slice(0, -1)) {
        expect(await carriedOut(ids[name]!)).toBe('succeeded');
        expect(await statusesOf(ids)).toEqual(isThere(ids));
      }
      expect(await left(ids)).toBeGreaterThan(0);
      expect(await carriedOut(ids[order.at(-1)!]!)).toBe('succeeded');
      expect(await statusesOf(ids)).toEqual(gone(ids));
      expect(await left(ids)).toBe(0);
      expect((await workspace(pointer)).forwardedTo).toBeNull();
      // The record stays.
      for (const { operationId, workspaceId } of members) {
        expect(await operation(operationId!)).toMatchObject({ state: 'succeeded' });
        expect(await boxesOf(workspaceId)).toHaveLength(1);
        expect(await db.structureEvent.count({ where: { workspaceId } })).toBeGreaterThan(0);
      }
    },
  );

  test('takes what was removed before along, and leaves what is beside and above', async () => {
    const ids = await given({ above: { root: { before: 'removed', child: 'online' }, beside: 'online' } });
    await purge(ids['root']!);
    for (const name of ['before', 'root', 'child']) expect(await carriedOut(ids[name]!)).toBe('succeeded');
    expect(await statusesOf(ids)).toEqual({
      above: 'online',
      root: 'gone',
      before: 'gone',
      child: 'gone',
      beside: 'online',
    });
  });

  test('of one that is removed and has nothing left but its rows is a tree of one', async () => {
    const ids = await given({ one: 'removed' });
    await purge(ids['one']!);
    expect(await carriedOut(ids['one']!)).toBe('succeeded');
    expect(await statusesOf(ids)).toEqual(gone(ids));
    expect(await purge(ids['one']!)).toEqual({ settled: true });
  });
});

describe('a purge of a tree with a box that cannot be stopped', () => {
  test.each(['root', 'middle', 'tip', 'side'])(
    'of %s erases nothing; repeated, it finds all and erases all',
    async (stuck) => {
      const ids = await given();
      const owed = await box(ids[stuck]!, 'owed');
      await purge(ids['root']!);
      for (const [name, id] of Object.entries(ids))
        expect(await carriedOut(id)).toBe(name === stuck ? 'failed' : 'succeeded');
      expect(await statusesOf(ids)).toEqual(isThere(ids));
      const secrets = { where: { workspaceId: { in: Object.values(ids) } } };
      expect(await db.workspaceSecret.count(secrets)).toBe(4);
      // A sweeper stops it, which erases nothing by itself.
      await db.box.update({ where: { id: owed }, data: { state: 'gone' } });
      expect(await statusesOf(ids)).toEqual(isThere(ids));
      const { members } = taken(await purge(ids['root']!));
      expect(members.map(({ name }) => name).sort()).toEqual(['middle', 'root', 'side', 'tip']);
      for (const id of Object.values(ids)) expect(await carriedOut(id)).toBe('succeeded');
      expect(await statusesOf(ids)).toEqual(gone(ids));
    },
  );

  test('keeps the volumes with the work, and the last of the repeated one removes those of all', async () => {
    const ids = await given({ root: { child: 'online' } });
    const owed = await box(ids['child']!, 'owed');
    await purge(ids['root']!);
    expect((await rows.planErase(await begun(ids['root']!)))!.volumes).toEqual([
      { workspaceId: ids['root'], host: 'here', purge: false },
    ]);
    await db.operation.updateMany({ where: { workspaceId: ids['root']! }, data: { state: 'succeeded' } });
    await carriedOut(ids['child']!);
    await db.box.update({ where: { id: owed }, data: { state: 'gone' } });
    await purge(ids['root']!);
    await carriedOut(ids['child']!);
    const plan = await rows.planErase(await begun(ids['root']!));
    expect([...plan!.volumes].sort((a) => (a.workspaceId === ids['root'] ? -1 : 1))).toEqual([
      { workspaceId: ids['root'], host: 'here', purge: true },
      { workspaceId: ids['child'], host: 'here', purge: true },
    ]);
  });

  test('of one that is purged alone takes nothing of the others, which still wait', async () => {
    const ids = await given();
    await box(ids['side']!, 'owed');
    await purge(ids['root']!);
    for (const id of Object.values(ids)) await carriedOut(id);
    await purge(ids['tip']!);
    expect(await carriedOut(ids['tip']!)).toBe('succeeded');
    expect(await statusesOf(ids)).toEqual({ root: 'removed', middle: 'removed', tip: 'gone', side: 'removed' });
  });
});

describe('purges that overlap', () => {
  test('the outer one joins the inner, and the last to be stopped erases for both', async () => {
    const ids = await given();
    const inner = taken(await purge(ids['middle']!));
    const outer = taken(await purge(ids['root']!));
    expect(outer.members.filter(({ decision }) => decision === 'join').map(({ operationId }) => operationId)).toEqual(
      inner.members.map(({ operationId }) => operationId),
    );
    for (const name of ['root', 'side', 'middle']) await carriedOut(ids[name]!);
    expect(await statusesOf(ids)).toEqual(isThere(ids));
    await carriedOut(ids['tip']!);
    expect(await statusesOf(ids)).toEqual(gone(ids));
  });

  test('the inner one does not wait for the outer', async () => {
    const ids = await given();
    await purge(ids['middle']!);
    await purge(ids['root']!);
    for (const name of ['middle', 'tip']) await carriedOut(ids[name]!);
    expect(await statusesOf(ids)).toEqual({ root: 'removed', middle: 'gone', tip: 'gone', side: 'removed' });
    for (const name of ['side', 'root']) await carriedOut(ids[name]!);
    expect(await statusesOf(ids)).toEqual(gone(ids));
  });

  test('one behind a plain delete is waited for', async () => {
    const ids = await given({ root: { child: 'online' } });
    await remove(ids['child']!);
    const { members } = taken(await purge(ids['root']!));
    expect(members.map(({ decision }) => decision)).toEqual(['run', 'queue']);
    await carriedOut(ids['root']!);
    // The plain delete ends, and its successor is the purge.
    await carriedOut(ids['child']!);
    expect(await statusesOf(ids)).toEqual(isThere(ids));
    await carriedOut(ids['child']!);
    expect(await statusesOf(ids)).toEqual(gone(ids));
  });

  test('one that came while another erases has come to its end with the rows', async () => {
    const ids = await given({ root: { child: 'online' } });
    await purge(ids['root']!);
    await carriedOut(ids['root']!);
    const eraser = await begun(ids['child']!);
    await rows.planErase(eraser);
    const { members } = taken(await purge(ids['root']!));
    expect(members.map(({ decision }) => decision)).toEqual(['run', 'join']);
    await rows.eraseWorkspace(eraser);
    expect(await operation(members[0]!.operationId!)).toMatchObject({ state: 'succeeded', endedAt: expect.any(Date) });
    expect(await statusesOf(ids)).toEqual(gone(ids));
  });
});

test('members that end at the same moment leave nothing behind, and erase once', async () => {
  for (let round = 0; round < 8; round += 1) {
    const children = Object.fromEntries(Array.from({ length: 7 }, (_, n) => [`c${n}`, 'online' as const]));
    const ids = await given({ root: children });
    await purge(ids['root']!);
    const ends = await Promise.all(Object.values(ids).map((id) => carriedOut(id)));
    expect(new Set(ends)).toEqual(new Set(['succeeded']));
    expect(await statusesOf(ids)).toEqual(gone(ids));
  }
});

test('a step that runs again after the rows are gone still ends as a success', async () => {
  const ids = await given({ root: { child: 'online' } });
  await purge(ids['root']!);
  const slow = await begun(ids['root']!);
  await rows.planErase(slow);
  await carriedOut(ids['child']!);
  expect(await statusesOf(ids)).toEqual(gone(ids));
  expect(await rows.planErase(slow)).toBeNull();
  expect(await rows.eraseWorkspace(slow)).toEqual({ purged: true });
  expect(await rows.finishOperation({ ...slow, kind: 'delete' })).toEqual({ state: 'succeeded' });
  expect(await operationsOf(ids['root']!)).toMatchObject([{ state: 'succeeded' }, { state: 'succeeded' }]);
});
