import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { workspaceStatuses } from '@holdfast/workflows/workspace/status';
import { everythingOf, givenOperation, givenOwner, thrownBy } from '../operation/given-operation.ts';
import { db, useRows, workspace } from '../operation/rows-kit.ts';
import { eventsOf, givenTree, namesOf, operationsOf, pause, setStatus, statusesOf } from './tree-kit.ts';

useRows();

const absent = { code: 'WORKSPACE_NOT_FOUND', message: 'workspace not found or already paused' };

describe('a pause', () => {
  test.each(workspaceStatuses.filter((status) => status !== 'removed' && status !== 'paused'))(
    'takes a workspace that is %s, its address and its liveness check',
    async (status) => {
      const { one } = await givenTree({ one: status });
      await db.workspace.update({ where: { id: one! }, data: { url: 'http://x', livenessExpiresAt: new Date() } });
      const intake = await pause(one!);
      const [operation] = await operationsOf(one!);
      expect(operation).toMatchObject({
        kind: 'pause',
        state: 'accepted',
        parentId: null,
        treeRoot: null,
        priorStatus: status,
      });
      expect(intake).toEqual({
        rootId: one,
        treeId: operation!.id,
        members: [{ workspaceId: one, name: 'one', operationId: operation!.id, decision: 'run' }],
      });
      expect(await workspace(one!)).toMatchObject({
        status: 'paused',
        url: '',
        livenessExpiresAt: null,
        operationId: operation!.id,
      });
      expect(await eventsOf({ one: one! })).toEqual([['one', 'WORKSPACE_PAUSED', { name: 'one' }]]);
    },
  );

  test.each(['paused', 'removed'] as const)('of what is %s is not found and changes nothing', async (status) => {
    const { one } = await givenTree({ one: status });
    const before = await everythingOf(db, one!);
    expect(await thrownBy(pause(one!))).toMatchObject(absent);
    expect(await everythingOf(db, one!)).toEqual(before);
  });

  test('of what is not there is not found', async () => {
    expect(await thrownBy(pause(randomUUID()))).toMatchObject(absent);
  });

  test('keeps tokens, secrets and the layout', async () => {
    const { one } = await givenTree({ one: 'online' });
    await db.workspaceAuthToken.create({ data: { workspaceId: one!, tokenHash: Uint8Array.from([7]), prefix: 'p' } });
    await db.canvasLayout.create({ data: { workspaceId: one! } });
    await pause(one!);
    expect(await db.workspaceAuthToken.count({ where: { workspaceId: one!, revokedAt: null } })).toBe(1);
    expect(await db.canvasLayout.count({ where: { workspaceId: one! } })).toBe(1);
  });
});

describe('a pause of a tree', () => {
  test('reaches every depth, stops at what is paused or removed, and leaves what is beside it', async () => {
    const ids = await givenTree({
      above: {
        root: {
          deep: { deeper: { deepest: 'online' } },
          wide: 'failed',
          asleep: { hidden: { below: 'online' } },
          dead: 'removed',
        },
        beside: 'online',
      },
    });
    await setStatus(ids['asleep']!, 'paused');
    const before = await everythingOf(db, ids['hidden']!);
    const intake = await pause(ids['root']!);
    expect(namesOf(intake)).toEqual(['root', 'deep', 'wide', 'deeper', 'deepest']);
    expect(await statusesOf(ids)).toEqual({
      above: 'online',
      root: 'paused',
      deep: 'paused',
      deeper: 'paused',
      deepest: 'paused',
      wide: 'paused',
      asleep: 'paused',
      hidden: 'online',
      below: 'online',
      dead: 'removed',
      beside: 'online',
    });
    expect(await everythingOf(db, ids['hidden']!)).toEqual(before);
    expect(await operationsOf(ids['asleep']!)).toEqual([]);
    expect((await eventsOf(ids)).map(([name]) => name as string).sort()).toEqual([
      'deep',
      'deeper',
      'deepest',
      'root',
      'wide',
    ]);
  });

  test('is one request: its members name it, and the workspace it was asked of', async () => {
    const ids = await givenTree({ root: { child: 'online' } });
    const { treeId, members } = await pause(ids['root']!);
    const [root] = await operationsOf(ids['root']!);
    const [child] = await operationsOf(ids['child']!);
    expect(treeId).toBe(root!.id);
    expect(root).toMatchObject({ parentId: null, treeRoot: ids['root'] });
    expect(child).toMatchObject({ parentId: treeId, treeRoot: ids['root'] });
    expect(members.map(({ operationId }) => operationId)).toEqual([root!.id, child!.id]);
  });

  test('takes every workspace over from what runs on it', async () => {
    const ids = await givenTree({ root: { child: 'provisioning', hibernating: 'hibernating' } });
    const provision = await givenOwner(db, ids['child']!, { kind: 'provision' });
    const waiting = await givenOperation(db, ids['child']!, { kind: 'restart' });
    const hibernate = await givenOwner(db, ids['hibernating']!, { kind: 'hibernate' });
    const { members } = await pause(ids['root']!);
    expect(members.map(({ decision }) => decision)).toEqual(['run', 'preempt', 'preempt']);
    for (const id of [provision.operationId, waiting, hibernate.operationId]) {
      expect(await db.operation.findUniqueOrThrow({ where: { id } })).toMatchObject({ state: 'superseded' });
    }
  });

  test('takes fifty workspaces', async () => {
    const children = Object.fromEntries(Array.from({ length: 49 }, (_, n) => [`c${n}`, 'online' as const]));
    const ids = await givenTree({ root: children });
    expect((await pause(ids['root']!)).members).toHaveLength(50);
    expect(new Set(Object.values(await statusesOf(ids)))).toEqual(new Set(['paused']));
  });
});

describe('a pause while a pause runs', () => {
  /** A workspace that is being paused, with a resume behind it. */
  async function aboutToComeBack(id: string): Promise<{ running: string; queued: string }> {
    await setStatus(id, 'paused');
    const { operationId: running } = await givenOwner(db, id, { kind: 'pause' });
    return { running, queued: await givenOperation(db, id, { kind: 'resume' }) };
  }

  test('is not found when nothing waits behind it', async () => {
    const ids = await givenTree({ root: 'paused' });
    await givenOwner(db, ids['root']!, { kind: 'pause' });
    expect(await thrownBy(pause(ids['root']!))).toMatchObject(absent);
  });

  test('drops what waits in the whole tree, and joins what runs', async () => {
    const ids = await givenTree({ root: { child: 'paused', asleep: { hidden: 'online' }, back: 'awaiting_agent' } });
    const root = await aboutToComeBack(ids['root']!);
    const child = await aboutToComeBack(ids['child']!);
    await setStatus(ids['asleep']!, 'paused');
    const { treeId, members } = await pause(ids['root']!);
    expect(treeId).toBe(root.running);
    expect(members.map(({ name, decision }) => [name, decision])).toEqual([
      ['root', 'join'],
      ['child', 'join'],
      ['back', 'run'],
    ]);
    for (const { running, queued } of [root, child]) {
      expect(await db.operation.findUniqueOrThrow({ where: { id: queued } })).toMatchObject({
        state: 'superseded',
        supersededBy: running,
      });
    }
    // Only what was not paused before is told.
    expect(await eventsOf(ids)).toEqual([['back', 'WORKSPACE_PAUSED', { name: 'back' }]]);
    expect(await statusesOf(ids)).toMatchObject({ hidden: 'online', back: 'paused' });
  });

  test('of a child does not let it come back under a parent that is paused now', async () => {
    const ids = await givenTree({ root: { child: { below: 'online' } } });
    const { queued } = await aboutToComeBack(ids['child']!);
    expect(namesOf(await pause(ids['root']!))).toEqual(['root', 'child', 'below']);
    expect(await db.operation.findUniqueOrThrow({ where: { id: queued } })).toMatchObject({ state: 'superseded' });
  });
});
