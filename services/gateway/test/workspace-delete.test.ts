import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '@holdfast/infra/testing/index';
import { listen } from '../src/http/listen.ts';
import { fingerprint } from './support/fingerprint.ts';
import { addWorkspace, adminToken, type TestGateway, testGateway } from './support/gateway.ts';
import { addRunning, endOperation, eventsOf, statusOf } from './support/given.ts';

let gateway: TestGateway;
let impatient: TestGateway;
beforeAll(async () => {
  gateway = await testGateway({ settings: { answerWaitMs: 60_000 } });
  impatient = await testGateway({
    database: { url: gateway.url, database: gateway.db },
    settings: { answerWaitMs: 50 },
  });
});
afterAll(async () => {
  await impatient.app.close();
  await gateway.close();
});

const remove = (id: string, query = '', headers = {}, on = gateway) =>
  on.call('DELETE', `/workspaces/${id}${query}`, { headers });

const failed = (failureText: string) => ({ state: 'failed', failureCode: 'DELETE_INCOMPLETE', failureText }) as const;

/** Ends deletes as workers would; those without an ending succeed, with their boxes gone. */
async function endDeletes(
  ids: readonly string[],
  endings: Record<string, ReturnType<typeof failed>> = {},
): Promise<void> {
  for (const workspaceId of ids) {
    const ending = endings[workspaceId];
    const state = ending ? ({ state: 'owed', owedReason: ending.failureText } as const) : ({ state: 'gone' } as const);
    await waitFor(() => gateway.db.operation.findFirst({ where: { workspaceId, kind: 'delete', state: 'accepted' } }));
    await gateway.db.box.updateMany({ where: { workspaceId }, data: state });
    await endOperation(gateway.db, { workspaceId, kind: 'delete' }, ending ?? {});
  }
}

/** As a worker erases a tree: what is below goes first. */
async function erase(ids: readonly string[]): Promise<void> {
  for (const id of ids.toReversed()) {
    await waitFor(async () => (await statusOf(gateway.db, id)) === 'removed');
    await gateway.db.workspace.delete({ where: { id } });
  }
}

/** A workspace with a child and a grandchild. */
async function family() {
  const { id: root } = await addRunning(gateway.db, { name: 'root' });
  const { id: child } = await addRunning(gateway.db, { name: 'child', parentId: root });
  const { id: grandchild } = await addRunning(gateway.db, { name: 'grandchild', parentId: child });
  return [root, child, grandchild] as const;
}

test('answers when the operation has ended, long before the wait is over', async () => {
  const { id } = await addRunning(gateway.db);
  const [answer] = await Promise.all([remove(id), endDeletes([id])]);
  expect([answer.statusCode, answer.json()]).toEqual([
    200,
    { status: 'removed', cascade_deleted: 0, operation_id: expect.any(String) },
  ]);
  expect(await gateway.db.workspace.findUniqueOrThrow({ where: { id } })).toMatchObject({ status: 'removed', url: '' });
  expect(gateway.poked).toContain(id);
});

describe('purged is said', () => {
  test('when the rows are gone', async () => {
    const ids = await family();
    const [answer] = await Promise.all([
      remove(ids[0], '?purge=true&confirm=true'),
      erase(ids).then(() => endDeletes(ids)),
    ]);
    expect(answer.json()).toMatchObject({ status: 'purged', cascade_deleted: 2 });
  });

  test('and not while they are there, whatever the operations say', async () => {
    const { id } = await addRunning(gateway.db);
    const [answer] = await Promise.all([remove(id, '?purge=true'), endDeletes([id])]);
    expect(answer.json()).toMatchObject({ status: 'removed', cascade_deleted: 0 });
  });

  test('and not when it was not asked for', async () => {
    const { id } = await addRunning(gateway.db);
    const [answer] = await Promise.all([remove(id), erase([id]).then(() => endDeletes([id]))]);
    expect(answer.json()).toMatchObject({ status: 'removed' });
  });
});

describe('a tree', () => {
  test('is not touched without confirmation', async () => {
    const [root, child] = await family();
    const before = await fingerprint(gateway.db);
    for (const query of ['', '?confirm=1', '?purge=true']) {
      const answer = await remove(root, query);
      expect([answer.statusCode, answer.json()]).toEqual([
        409,
        expect.objectContaining({
          status: 'confirmation_required',
          message: expect.any(String),
          children: [{ id: child, name: 'child' }],
          children_count: 1,
          code: 'CONFIRMATION_REQUIRED',
        }),
      ]);
    }
    expect(await fingerprint(gateway.db)).toBe(before);
  });

  test('is waited for as one, and counted without its root', async () => {
    const ids = await family();
    const [answer] = await Promise.all([remove(ids[0], '?confirm=true'), endDeletes(ids)]);
    const own = await gateway.db.operation.findFirstOrThrow({ where: { workspaceId: ids[0] } });
    expect(answer.json()).toEqual({ status: 'removed', cascade_deleted: 2, operation_id: own.id });
    expect(await eventsOf(gateway.db, ids[0])).toEqual([['WORKSPACE_REMOVED', { cascade_deleted: 2 }]]);
    expect(await eventsOf(gateway.db, ids[2])).toEqual([['WORKSPACE_REMOVED', {}]]);
    expect(gateway.poked).toContain(`tree ${ids[0]}`);
  });

  test('incident 20: of which boxes are left is 500 with both counts and every cause; the rows stay removed', async () => {
    const [root, child, grandchild] = await family();
    const endings = { [child]: failed('box 1: engine away'), [grandchild]: failed('box 2: no answer') };
    const [answer] = await Promise.all([remove(root, '?confirm=true'), endDeletes([root, child, grandchild], endings)]);
    expect([answer.statusCode, answer.json()]).toEqual([
      500,
      expect.objectContaining({
        error:
          'workspace marked removed, but 2 stop call(s) failed — please retry: box 1: engine away; box 2: no answer',
        removed_count: 3,
        stop_failures: 2,
        code: 'DELETE_INCOMPLETE',
        operation_id: expect.any(String),
      }),
    ]);
    expect(await Promise.all([root, child, grandchild].map((id) => statusOf(gateway.db, id)))).toEqual([
      'removed',
      'removed',
      'removed',
    ]);
  });

  test('is found by a repetition, also where only a removed child has something left', async () => {
    const [root, child, grandchild] = await family();
    await Promise.all([
      remove(root, '?confirm=true'),
      endDeletes([root, child, grandchild], { [grandchild]: failed('box 2: no answer') }),
    ]);
    const [again] = await Promise.all([remove(root), endDeletes([grandchild])]);
    expect([again.statusCode, again.json()]).toEqual([
      200,
      { status: 'removed', cascade_deleted: 1, operation_id: expect.any(String) },
    ]);
    expect((await remove(root)).json()).toEqual({ status: 'removed', cascade_deleted: 0 });
  });
});

test('a failure whose boxes a sweeper has stopped meanwhile is a success, and of a purge still none', async () => {
  for (const [query, status, body] of [
    ['', 200, { status: 'removed' }],
    ['?purge=true', 500, { error: 'purge failed', removed_count: 1, stop_failures: 0 }],
  ] as const) {
    const id = await addWorkspace(gateway.db);
    const [answer] = await Promise.all([
      remove(id, query),
      endOperation(gateway.db, { workspaceId: id, kind: 'delete' }, failed('box 1: engine away')),
    ]);
    expect([answer.statusCode, answer.json()]).toEqual([status, expect.objectContaining(body)]);
  }
});

test('answers success with the operation when it takes longer than the caller waits', async () => {
  const ids = await family();
  const answer = await remove(ids[0], '?confirm=true&purge=true', {}, impatient);
  expect([answer.statusCode, answer.json()]).toEqual([
    200,
    { status: 'removed', cascade_deleted: 2, operation_id: expect.any(String) },
  ]);
});

test('repetitions under one key share one delete and its outcome, meanwhile and later', async () => {
  const ids = await family();
  const headers = { 'idempotency-key': randomUUID() };
  const [first, second] = await Promise.all([
    remove(ids[0], '?confirm=true', headers),
    remove(ids[0], '?confirm=true', headers),
    endDeletes(ids, { [ids[1]]: failed('box 1: engine away') }),
  ]);
  expect(first.statusCode).toBe(500);
  const count = await gateway.db.operation.count({ where: { workspaceId: { in: [...ids] } } });
  for (const answer of [second, await remove(ids[0], '?confirm=true', headers)]) {
    expect(answer.json()).toEqual({ ...first.json(), request_id: expect.any(String) });
  }
  expect(await gateway.db.operation.count({ where: { workspaceId: { in: [...ids] } } })).toBe(count);
});

test('incident 23: a caller who hangs up does not stop it', async () => {
  const id = await addWorkspace(gateway.db);
  const listening = await listen(gateway.app, ['127.0.0.1'], 0);
  const leaving = new AbortController();
  const call = fetch(`${listening.urls[0]}/workspaces/${id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${adminToken}` },
    signal: leaving.signal,
  });
  await waitFor(() => gateway.db.operation.findFirst({ where: { workspaceId: id } }));
  leaving.abort();
  await expect(call).rejects.toThrow();
  await waitFor(() => gateway.poked.includes(id));
  expect(await gateway.db.operation.findFirstOrThrow({ where: { workspaceId: id } })).toMatchObject({
    state: 'accepted',
    cancelRequestedAt: null,
  });
  await endDeletes([id]);
});

test.each(['', '?purge=true'])('an unknown id is a success, since it is gone %s', async (query) => {
  const answer = await remove(randomUUID(), query);
  expect([answer.statusCode, answer.json()]).toEqual([
    200,
    { status: query ? 'purged' : 'removed', cascade_deleted: 0 },
  ]);
});

test('an id that is no UUID is refused', async () => {
  expect((await remove('nonsense')).json()).toMatchObject({ error: 'invalid workspace ID', status: 400 });
});
