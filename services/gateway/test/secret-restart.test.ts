import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { fingerprint } from './support/fingerprint.ts';
import { addWorkspace, addWorkspaceToken, type TestGateway, testGateway } from './support/gateway.ts';
import { addBackend, addRunning, eventsOf, statusOf } from './support/given.ts';

let gateway: TestGateway;
let bare: TestGateway;
beforeAll(async () => {
  gateway = await testGateway();
  await addBackend(gateway.db);
  bare = await testGateway();
});
afterAll(() => Promise.all([gateway.close(), bare.close()]));
// A global change reaches whatever other tests have left.
afterEach(async () => {
  await gateway.db.$executeRaw`TRUNCATE workspaces, operations, boxes, global_secrets, workspace_secrets CASCADE`;
  gateway.poked.length = 0;
});

const VALUE = 'hunter2-hunter2';
const operationsOf = (workspaceId: string, on = gateway) =>
  on.db.operation.findMany({ where: { workspaceId }, orderBy: { seq: 'asc' } });

type Change = readonly [name: string, method: string, path: string, body: unknown, reason: string];
const changes: readonly Change[] = [
  ['a secret saved', 'POST', '/secrets', { key: 'API_KEY', value: VALUE }, 'secret API_KEY saved'],
  ['a secret saved again', 'PUT', '/secrets', { key: 'API_KEY', value: VALUE }, 'secret API_KEY saved'],
  ['a secret deleted', 'DELETE', '/secrets/OLD_KEY', undefined, 'secret OLD_KEY deleted'],
  ['a model set', 'PUT', '/model', { model: VALUE }, 'model saved'],
  ['a model cleared, though none was set', 'PUT', '/model', { model: '' }, 'model cleared'],
];
const apply = ([, method, path, body]: Change, id: string, headers = {}, on = gateway) =>
  on.call(method, `/workspaces/${id}${path}`, { headers, ...(body === undefined ? {} : { body }) });
const giveOldKey = (id: string, on = gateway) =>
  on.db.workspaceSecret.create({
    data: { workspaceId: id, key: 'OLD_KEY', encryptedValue: Buffer.from('x'), encryptionVersion: 0 },
  });

describe.each(changes)('%s', (...change) => {
  const reason = change[4];

  test('restarts the workspace, names what changed and never its value', async () => {
    const { id } = await addRunning(gateway.db, { name: 'mine' });
    await giveOldKey(id);
    const answer = await apply(change, id);
    const [operation, ...others] = await operationsOf(id);
    expect([answer.statusCode, answer.json()['operation_id']]).toEqual([200, operation?.id]);
    expect(others).toEqual([]);
    expect(operation).toMatchObject({ kind: 'restart', state: 'accepted', actor: 'admin-token', reason });
    expect(await statusOf(gateway.db, id)).toBe('provisioning');
    expect(await eventsOf(gateway.db, id)).toEqual([
      ['WORKSPACE_PROVISIONING', { name: 'mine', tier: 1, runtime: 'langgraph' }],
    ]);
    expect(gateway.poked).toEqual([id]);
    expect(JSON.stringify(operation, (_, value: unknown) => (typeof value === 'bigint' ? 0 : value))).not.toContain(
      VALUE,
    );
  });

  test.each<[string, (on: TestGateway) => Promise<string>]>([
    ['paused', async (on) => (await addRunning(on.db, { status: 'paused' })).id],
    ['hibernated', async (on) => (await addRunning(on.db, { status: 'hibernated' })).id],
    ['external', (on) => addWorkspace(on.db, { runtime: 'external' })],
    ['mock', (on) => addWorkspace(on.db, { runtime: 'mock' })],
    [
      'below a paused one',
      async (on) => (await addRunning(on.db, { parentId: await addWorkspace(on.db, { status: 'paused' }) })).id,
    ],
  ])('commits without a restart when the workspace is %s', async (_state, make) => {
    const id = await make(gateway);
    await giveOldKey(id);
    const before = await statusOf(gateway.db, id);
    const answer = await apply(change, id);
    expect([answer.statusCode, 'operation_id' in answer.json()]).toEqual([200, false]);
    expect([await statusOf(gateway.db, id), await operationsOf(id), gateway.poked]).toEqual([before, [], []]);
  });

  test('commits without a restart when no backend can run it', async () => {
    const id = await addWorkspace(bare.db);
    await giveOldKey(id, bare);
    expect((await apply(change, id, {}, bare)).statusCode).toBe(200);
    expect(await operationsOf(id, bare)).toEqual([]);
  });

  test('under one key restarts once', async () => {
    const { id } = await addRunning(gateway.db);
    await giveOldKey(id);
    const headers = { 'idempotency-key': randomUUID() };
    const answers = await Promise.all(Array.from({ length: 4 }, () => apply(change, id, headers)));
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(await operationsOf(id)).toHaveLength(1);
  });
});

test('a change that is refused restarts nothing', async () => {
  const { id } = await addRunning(gateway.db);
  const before = await fingerprint(gateway.db);
  for (const [method, path, body] of [
    ['PUT', '/secrets', { key: 'PATH', value: 'x' }],
    ['DELETE', '/secrets/MISSING', undefined],
    ['PUT', '/model', { model: 5 }],
  ] as const)
    expect((await apply(['', method, path, body, ''], id)).statusCode).toBeGreaterThanOrEqual(400);
  expect(await fingerprint(gateway.db)).toBe(before);
});

test('a secret and a model saved at the same time both get their restart', async () => {
  const { id } = await addRunning(gateway.db);
  const answers = await Promise.all([
    apply(['', 'PUT', '/secrets', { key: 'API_KEY', value: VALUE }, ''], id),
    apply(['', 'PUT', '/model', { model: 'a/b' }, ''], id),
  ]);
  const operations = await operationsOf(id);
  expect(operations.map(({ state }) => state)).toEqual(['accepted', 'accepted']);
  expect(new Set(answers.map((answer) => answer.json()['operation_id']))).toEqual(
    new Set(operations.map((operation) => operation.id)),
  );
});

describe.each([
  ['saved', 'PUT', '/settings/secrets', { key: 'SHARED', value: VALUE }],
  ['saved by its older address', 'POST', '/admin/secrets', { key: 'SHARED', value: VALUE }],
  ['deleted', 'DELETE', '/settings/secrets/SHARED', undefined],
] as const)('a global secret %s', (done, method, path, body) => {
  test('restarts every workspace it reaches, and no other', async () => {
    const { db } = gateway;
    await db.globalSecret.create({ data: { key: 'SHARED', encryptedValue: Buffer.from('x'), encryptionVersion: 0 } });
    const reached = [
      (await addRunning(db)).id,
      (await addRunning(db, { status: 'failed' })).id,
      (await addRunning(db, { parentId: (await addRunning(db, { status: 'paused' })).id, status: 'offline' })).id,
    ];
    const below = reached.pop();
    const shielded = (await addRunning(db)).id;
    await db.workspaceSecret.create({
      data: { workspaceId: shielded, key: 'SHARED', encryptedValue: Buffer.from('x'), encryptionVersion: 0 },
    });
    await addRunning(db, { status: 'hibernated' });
    await addWorkspace(db, { runtime: 'external' });
    await addWorkspace(db, { status: 'removed' });
    const answer = await gateway.call(method, path, body === undefined ? {} : { body });
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { status: done === 'deleted' ? 'deleted' : 'saved', key: 'SHARED', scope: 'global' },
    ]);
    const operations = await db.operation.findMany();
    expect(operations.map(({ workspaceId }) => workspaceId).sort()).toEqual(reached.toSorted());
    expect(operations.every(({ workspaceId }) => workspaceId !== below && workspaceId !== shielded)).toBe(true);
    const reason = `global secret SHARED ${done === 'deleted' ? 'deleted' : 'saved'}`;
    expect(operations).toMatchObject(reached.map(() => ({ kind: 'restart', reason, actor: 'admin-token' })));
    expect(gateway.poked.toSorted()).toEqual(reached.toSorted());
  });
});

test('an agent that sets its own model is the one who asked for the restart', async () => {
  const { id } = await addRunning(gateway.db);
  const token = await addWorkspaceToken(gateway.db, id);
  await gateway.call('PUT', `/workspaces/${id}/model`, { token, body: { model: 'a/b' } });
  expect((await operationsOf(id))[0]?.actor).toBe(`workspace:${id}`);
});

test('a patch of the mounted folder only says that a restart is needed', async () => {
  const { id } = await addRunning(gateway.db);
  const answer = await gateway.call('PATCH', `/workspaces/${id}`, { body: { workspace_dir: '/srv/work' } });
  expect(answer.json()).toEqual({ status: 'updated', needs_restart: true });
  expect(await operationsOf(id)).toEqual([]);
});

test('the values an agent reads leave out reserved names that older rows hold, as its box does', async () => {
  const id = await addWorkspace(gateway.db, { runtime: 'external' });
  const token = await addWorkspaceToken(gateway.db, id, 'agent');
  const row = (key: string, text = 'v') => ({ key, encryptedValue: Buffer.from(text), encryptionVersion: 0 });
  await gateway.db.workspaceSecret.createMany({
    data: [row('API_KEY'), row('LD_PRELOAD'), row('PATH')].map((one) => ({ ...one, workspaceId: id })),
  });
  // One that cannot be read is not missed either: nobody would get it.
  await gateway.db.globalSecret.createMany({ data: [row('SHARED'), { ...row('NODE_OPTIONS'), encryptionVersion: 9 }] });
  const answer = await gateway.call('GET', `/workspaces/${id}/secrets/values`, { token });
  expect([answer.statusCode, answer.json()]).toEqual([200, { API_KEY: 'v', SHARED: 'v' }]);
});
