import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addWorkspace, addWorkspaceToken, type TestGateway, testGateway } from './support/gateway.ts';
import { fingerprint } from './support/fingerprint.ts';
import { addBackend, addRunning, eventsOf, statusOf } from './support/given.ts';

let gateway: TestGateway;
let bare: TestGateway;
beforeAll(async () => {
  gateway = await testGateway();
  await addBackend(gateway.db);
  bare = await testGateway();
});
afterAll(() => Promise.all([gateway.close(), bare.close()]));

const post = (id: string, verb: string, headers = {}, on = gateway) =>
  on.call('POST', `/workspaces/${id}/${verb}`, { headers });
const refuses = async (id: string, verb: string, status: number, error: string, on = gateway) => {
  const before = await fingerprint(on.db);
  const answer = await post(id, verb, {}, on);
  expect([answer.statusCode, answer.json()['error']]).toEqual([status, error]);
  expect(await fingerprint(on.db)).toBe(before);
};

/** A workspace with a child, which has two. */
async function family(columns: { status?: 'paused' } = {}) {
  const { id: root } = await addRunning(gateway.db, { name: 'root', ...columns });
  const { id: child } = await addRunning(gateway.db, { name: 'child', ...columns, parentId: root });
  const { id: one } = await addRunning(gateway.db, { name: 'one', ...columns, parentId: child });
  const { id: two } = await addRunning(gateway.db, { name: 'two', ...columns, parentId: child });
  return { root, child, one, two, all: [root, child, one, two] };
}
const operationsOf = (ids: readonly string[]) =>
  gateway.db.operation.findMany({ where: { workspaceId: { in: [...ids] } } });
const statuses = (ids: readonly string[]) => Promise.all(ids.map((id) => statusOf(gateway.db, id)));

describe('pause', () => {
  test('takes everything below with it, says how many, and pokes the tree once', async () => {
    const { root, all } = await family();
    const answer = await post(root, 'pause');
    const operations = await operationsOf(all);
    const own = operations.find(({ workspaceId }) => workspaceId === root);
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { status: 'paused', paused_count: 4, operation_id: own?.id },
    ]);
    expect(await statuses(all)).toEqual(['paused', 'paused', 'paused', 'paused']);
    expect(operations.every(({ kind, treeRoot }) => kind === 'pause' && treeRoot === root)).toBe(true);
    expect(operations.filter(({ parentId }) => parentId === own?.id)).toHaveLength(3);
    expect(await eventsOf(gateway.db, root)).toEqual([['WORKSPACE_PAUSED', { name: 'root' }]]);
    expect(gateway.poked.filter((name) => all.some((id) => name.includes(id)))).toEqual([`tree ${root}`]);
  });

  test('of one alone pokes that one', async () => {
    const { id } = await addRunning(gateway.db);
    expect((await post(id, 'pause')).json()).toMatchObject({ status: 'paused', paused_count: 1 });
    expect(gateway.poked.filter((name) => name.includes(id))).toEqual([id]);
  });

  test('does not count what a paused child hides, and takes no word for a cascade', async () => {
    const { root, child } = await family();
    await post(child, 'pause');
    const answer = await gateway.call('POST', `/workspaces/${root}/pause?cascade=true`);
    expect(answer.json()).toMatchObject({ status: 'paused', paused_count: 1 });
  });

  test('is 404 for what is not there, removed, or paused already', async () => {
    const paused = await addWorkspace(gateway.db, { status: 'paused' });
    const removed = await addWorkspace(gateway.db, { status: 'removed' });
    for (const id of [randomUUID(), paused, removed])
      await refuses(id, 'pause', 404, 'workspace not found or already paused');
  });

  test('of two at once one is told that it is paused already', async () => {
    const { id } = await addRunning(gateway.db);
    const answers = await Promise.all([post(id, 'pause'), post(id, 'pause')]);
    expect(answers.map(({ statusCode }) => statusCode).sort((a, b) => a - b)).toEqual([200, 404]);
  });

  test('under one key is one pause with one answer', async () => {
    const { root, all } = await family();
    const headers = { 'idempotency-key': randomUUID() };
    const answers = await Promise.all(Array.from({ length: 5 }, () => post(root, 'pause', headers)));
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(answers[0]?.statusCode).toBe(200);
    expect(await operationsOf(all)).toHaveLength(4);
  });

  test('an agent may pause its own tree, and no other', async () => {
    const { root, child } = await family();
    const token = await addWorkspaceToken(gateway.db, child);
    expect((await gateway.call('POST', `/workspaces/${root}/pause`, { token })).statusCode).toBe(401);
    expect((await gateway.call('POST', `/workspaces/${child}/pause`, { token })).statusCode).toBe(200);
  });
});

describe('resume', () => {
  test('brings back all that is reached through paused ones', async () => {
    const { root, all } = await family({ status: 'paused' });
    const { id: awake } = await addRunning(gateway.db, { parentId: root });
    const answer = await post(root, 'resume');
    const own = (await operationsOf([root]))[0];
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { status: 'provisioning', resumed_count: 4, operation_id: own?.id },
    ]);
    expect(await statuses([...all, awake])).toEqual([...all.map(() => 'provisioning'), 'online']);
    expect(gateway.poked).toContain(`tree ${root}`);
  });

  test('of an external one needs no operation and no backend', async () => {
    const id = await addWorkspace(bare.db, { status: 'paused', runtime: 'external' });
    const answer = await post(id, 'resume', {}, bare);
    expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'provisioning', resumed_count: 1 }]);
    expect(await statusOf(bare.db, id)).toBe('awaiting_agent');
    expect(bare.poked).toEqual([]);
  });

  test('is 404 unless paused, 503 before 409, and 409 below a paused one', async () => {
    const text = 'workspace not found or not paused';
    for (const id of [
      randomUUID(),
      await addWorkspace(gateway.db),
      await addWorkspace(gateway.db, { status: 'removed' }),
    ])
      await refuses(id, 'resume', 404, text);
    const top = await addWorkspace(bare.db, { name: 'top', status: 'paused' });
    await refuses(
      await addWorkspace(bare.db, { status: 'paused', parentId: top }),
      'resume',
      503,
      'provisioner not available',
      bare,
    );
    const parentId = await addWorkspace(gateway.db, { name: 'top', status: 'paused' });
    const { id } = await addRunning(gateway.db, { status: 'paused', parentId });
    await refuses(id, 'resume', 409, 'parent workspace "top" is paused — resume it first');
  });
});

describe('collapse', () => {
  test('removes everything below, names the direct children and lists the operations', async () => {
    const { root, child, one, two } = await family();
    const { id: second } = await addRunning(gateway.db, { name: 'second', parentId: root });
    const answer = await post(root, 'collapse');
    const operations = await operationsOf([child, one, two, second]);
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { status: 'collapsed', removed: ['child', 'second'], operation_ids: expect.any(Array) },
    ]);
    expect(new Set(answer.json()['operation_ids'] as string[])).toEqual(new Set(operations.map(({ id }) => id)));
    expect(await statuses([root, child, one, two, second])).toEqual([
      'online',
      'removed',
      'removed',
      'removed',
      'removed',
    ]);
    expect(await eventsOf(gateway.db, root)).toEqual([
      ['WORKSPACE_COLLAPSED', { removed_children: ['child', 'second'] }],
    ]);
    expect(gateway.poked).toContain(`tree ${root}`);
  });

  test('without children is a success with nothing in it', async () => {
    const { id } = await addRunning(gateway.db);
    expect((await post(id, 'collapse')).json()).toEqual({ status: 'collapsed', removed: [], operation_ids: [] });
  });

  test('is 404 for what is not there', () => refuses(randomUUID(), 'collapse', 404, 'workspace not found'));
});

test('incident 1: expand is gone: plain 404, as for any unknown path', async () => {
  const { root } = await family();
  const answer = await post(root, 'expand');
  expect([answer.statusCode, answer.body]).toEqual([404, '404 page not found']);
});
