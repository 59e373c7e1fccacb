import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { everythingOf, givenOwner, thrownBy } from '../operation/given-operation.ts';
import { db, useRows, workspace } from '../operation/rows-kit.ts';
import { collapse, eventsOf, givenTree, namesOf, operationsOf, statusesOf } from './tree-kit.ts';

useRows();

describe('a collapse', () => {
  test('removes every child with all that is below it, and leaves the workspace itself', async () => {
    const ids = await givenTree({
      above: { parent: { first: { deep: { deeper: 'online' } }, second: 'failed', gone: 'removed' }, beside: 'online' },
    });
    const before = await workspace(ids['parent']!);
    const { removed, ...intake } = await collapse(ids['parent']!);
    expect(removed).toEqual(['first', 'second']);
    expect(namesOf(intake)).toEqual(['first', 'second', 'deep', 'deeper']);
    expect(await statusesOf(ids)).toEqual({
      above: 'online',
      parent: 'online',
      first: 'removed',
      deep: 'removed',
      deeper: 'removed',
      second: 'removed',
      gone: 'removed',
      beside: 'online',
    });
    const { status, operationId } = await workspace(ids['parent']!);
    expect({ status, operationId }).toEqual({ status: before.status, operationId: null });
    expect(await operationsOf(ids['parent']!)).toEqual([]);
    for (const name of ['first', 'deep', 'deeper', 'second']) {
      expect(await operationsOf(ids[name]!)).toMatchObject([
        {
          kind: 'delete',
          parentId: intake.treeId,
          treeRoot: ids['parent'],
          request: { purge: false },
          reason: 'collapse',
        },
      ]);
    }
  });

  test('tells of each that is gone, and then of itself with the names of its children', async () => {
    const ids = await givenTree({ parent: { first: { deep: 'online' }, second: 'online' } });
    await collapse(ids['parent']!);
    const events = await eventsOf(ids);
    expect(
      events
        .slice(0, -1)
        .map(([name, ...what]) => [name, ...what])
        .sort(([a], [b]) => (a as string).localeCompare(b as string)),
    ).toEqual([
      ['deep', 'WORKSPACE_REMOVED', {}],
      ['first', 'WORKSPACE_REMOVED', {}],
      ['second', 'WORKSPACE_REMOVED', {}],
    ]);
    expect(events.at(-1)).toEqual(['parent', 'WORKSPACE_COLLAPSED', { removed_children: ['first', 'second'] }]);
  });

  test('revokes tokens and takes the layout away', async () => {
    const ids = await givenTree({ parent: { child: 'online' } });
    const workspaceId = ids['child']!;
    await db.workspaceAuthToken.create({ data: { workspaceId, tokenHash: Uint8Array.from([9]), prefix: 'p' } });
    await db.canvasLayout.create({ data: { workspaceId } });
    await collapse(ids['parent']!);
    expect(await db.workspaceAuthToken.count({ where: { workspaceId, revokedAt: null } })).toBe(0);
    expect(await db.canvasLayout.count({ where: { workspaceId } })).toBe(0);
  });

  test('takes a child over from what runs on it', async () => {
    const ids = await givenTree({ parent: { child: 'provisioning' } });
    const run = await givenOwner(db, ids['child']!, { kind: 'provision' });
    expect((await collapse(ids['parent']!)).members).toMatchObject([{ name: 'child', decision: 'preempt' }]);
    expect(await db.operation.findUniqueOrThrow({ where: { id: run.operationId } })).toMatchObject({
      state: 'superseded',
    });
  });

  test('of a workspace without children is a success that names none', async () => {
    const ids = await givenTree({ parent: { gone: 'removed' } });
    expect(await collapse(ids['parent']!)).toEqual({ rootId: ids['parent'], treeId: null, members: [], removed: [] });
    expect(await eventsOf(ids)).toEqual([['parent', 'WORKSPACE_COLLAPSED', { removed_children: [] }]]);
  });

  test('repeated has nothing left to do', async () => {
    const ids = await givenTree({ parent: { child: 'online' } });
    await collapse(ids['parent']!);
    const before = await everythingOf(db, ids['child']!);
    expect(await collapse(ids['parent']!)).toMatchObject({ treeId: null, members: [], removed: [] });
    expect(await everythingOf(db, ids['child']!)).toEqual(before);
  });

  test('of what is removed or not there is not found', async () => {
    const ids = await givenTree({ parent: 'removed' });
    const absent = { code: 'WORKSPACE_NOT_FOUND', message: 'workspace not found' };
    expect(await thrownBy(collapse(ids['parent']!))).toMatchObject(absent);
    expect(await thrownBy(collapse(randomUUID()))).toMatchObject(absent);
  });
});
