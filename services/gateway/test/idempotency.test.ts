import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '@holdfast/infra/testing/index';
import { fingerprint } from './support/fingerprint.ts';
import { addOrgToken, addWorkspace, type TestGateway, testGateway } from './support/gateway.ts';
import { addBackend, addRunning } from './support/given.ts';
import { addOperationOf } from './support/operation.ts';

let gateway: TestGateway;
let twin: TestGateway;
beforeAll(async () => {
  const env = { SECRETS_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64') };
  const settings = { answerWaitMs: 0 };
  gateway = await testGateway({ env, settings });
  twin = await testGateway({ env, settings, database: { url: gateway.url, database: gateway.db } });
  await addBackend(gateway.db);
});
afterAll(async () => {
  await twin.app.close();
  await gateway.close();
});

const create = (key: string, body: unknown = { name: 'once' }, options: { token?: string; on?: TestGateway } = {}) =>
  (options.on ?? gateway).call('POST', '/workspaces', {
    body,
    headers: { 'idempotency-key': key },
    ...(options.token ? { token: options.token } : {}),
  });

test('a repetition gets the same answer, on any gateway, and creates nothing', async () => {
  const first = await create('k-1');
  const before = await gateway.db.workspace.count();
  for (const on of [gateway, twin]) {
    const again = await create('k-1', undefined, { on });
    expect(again.statusCode).toBe(201);
    expect(again.json()).toEqual(first.json());
    expect(again.headers['idempotency-replayed']).toBe('true');
  }
  expect(first.headers['idempotency-replayed']).toBeUndefined();
  expect(await gateway.db.workspace.count()).toBe(before);
});

test('a hundred at once under one key on two gateways make one workspace and get equal answers', async () => {
  const before = await gateway.db.workspace.count();
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, n) => create('k-100', { name: 'hundred' }, { on: n % 2 ? gateway : twin })),
  );
  expect(new Set(answers.map((answer) => answer.statusCode))).toEqual(new Set([201]));
  expect(new Set(answers.map((answer) => answer.body)).size).toBe(1);
  expect(await gateway.db.workspace.count()).toBe(before + 1);
  const { operation_id: id, id: workspaceId } = answers[0]?.json<{ operation_id: string; id: string }>() ?? {
    operation_id: '',
    id: '',
  };
  expect(await gateway.db.operation.count({ where: { workspaceId } })).toBe(1);
  expect(id).not.toBe('');
});

test('another payload, and another workspace on the same route, is 422 and changes nothing', async () => {
  await create('k-2', { name: 'one' });
  const before = await gateway.db.workspace.count();
  const other = await create('k-2', { name: 'two' });
  expect(other.statusCode).toBe(422);
  expect(other.json()).toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' });
  expect(await gateway.db.workspace.count()).toBe(before);
  const [a, b] = [await addWorkspace(gateway.db), await addWorkspace(gateway.db)];
  const patch = (id: string) =>
    gateway.call('PATCH', `/workspaces/${id}`, { body: { name: 'renamed' }, headers: { 'idempotency-key': 'k-3' } });
  expect((await patch(a)).statusCode).toBe(200);
  expect((await patch(b)).statusCode).toBe(422);
});

test('a key is one credential’s and one route’s', async () => {
  const [mine, theirs] = [
    await create('k-4'),
    await create('k-4', undefined, { token: await addOrgToken(gateway.db) }),
  ];
  expect(mine.json<{ id: string }>().id).not.toBe(theirs.json<{ id: string }>().id);
  const id = await addWorkspace(gateway.db);
  const elsewhere = await gateway.call('PATCH', `/workspaces/${id}`, {
    body: { name: 'once' },
    headers: { 'idempotency-key': 'k-4' },
  });
  expect(elsewhere.statusCode).toBe(200);
});

test('a refusal is not kept: the corrected request goes through under the same key', async () => {
  expect((await create('k-5', { name: 'a', parent_id: '9f1d2c3b-4a5e-4f60-8a71-0123456789ab' })).statusCode).toBe(400);
  expect((await create('k-5', { name: 'a' })).statusCode).toBe(201);
});

test('a token in an answer is given again, and is sealed in the database', async () => {
  const external = { name: 'outside', external: true };
  const token = (await create('k-6', external)).json<{ connection: { auth_token: string } }>().connection.auth_token;
  expect((await create('k-6', external)).json()).toMatchObject({ connection: { auth_token: token } });
  const rows = await gateway.db.idempotencyKey.findMany();
  expect(rows.some((row) => Buffer.from(row.sealedBody ?? []).includes(token))).toBe(false);
  expect(rows.some((row) => row.status === null && row.operationId === null)).toBe(false);
});

test('a key older than a day is forgotten', async () => {
  const first = (await create('k-7')).json<{ id: string }>();
  await gateway.db.idempotencyKey.updateMany({ data: { createdAt: new Date(Date.now() - 25 * 3_600_000) } });
  expect((await create('k-7', { name: 'another day' })).json<{ id: string }>().id).not.toBe(first.id);
});

test('a twin of a request whose connection died goes on by itself: nothing stays in progress', async () => {
  const { db } = gateway;
  const parent = await addWorkspace(db);
  const body = { name: 'child', parent_id: parent };
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  // The first request has the key and waits for its parent; the second waits for the key.
  const holding = db.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT 1 FROM workspaces WHERE id = ${parent}::uuid FOR UPDATE`;
    await held;
  });
  const waiting = (statement: string) =>
    db.$queryRaw<{ pid: number }[]>`
      SELECT pid FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE ${`%${statement}%`} AND pid <> pg_backend_pid()`;
  const first = create('k-8', body);
  const [blocked] = await waitFor(async () => (await waiting('FOR SHARE')).length > 0 && waiting('FOR SHARE'));
  const second = create('k-8', body, { on: twin });
  await waitFor(async () => (await waiting('INSERT INTO idempotency_keys')).length > 0);
  await db.$executeRaw`SELECT pg_terminate_backend(${blocked?.pid}::int)`;
  expect((await first).statusCode).toBe(503);
  release();
  await holding;
  expect((await second).statusCode).toBe(201);
  expect(await db.workspace.count({ where: { parentId: parent } })).toBe(1);
});

describe('repeated on another gateway, nothing more is done and the answer is the same:', () => {
  const running = async (columns: { status?: 'paused' | 'hibernated' } = {}) =>
    (await addRunning(gateway.db, columns)).id;
  const restarted = async () =>
    (await gateway.call('POST', `/workspaces/${await running()}/restart`)).json<{ operation_id: string }>()
      .operation_id;
  const failed = async () => {
    const { operationId } = await addOperationOf(gateway.db);
    await gateway.db.operation.update({ where: { id: operationId }, data: { state: 'failed', endedAt: new Date() } });
    return operationId;
  };
  test.each<[string, string, () => Promise<string>, unknown?]>([
    ['restart', 'POST', async () => `/workspaces/${await running()}/restart`, { reset: true }],
    ['pause', 'POST', async () => `/workspaces/${await running()}/pause`],
    ['resume', 'POST', async () => `/workspaces/${await running({ status: 'paused' })}/resume`],
    ['hibernate', 'POST', async () => `/workspaces/${await running()}/hibernate?force=true`],
    ['wake', 'POST', async () => `/workspaces/${await running({ status: 'hibernated' })}/wake`],
    [
      'collapse',
      'POST',
      async () => {
        const parentId = await running();
        await addRunning(gateway.db, { parentId });
        return `/workspaces/${parentId}/collapse`;
      },
    ],
    ['delete', 'DELETE', async () => `/workspaces/${await running()}`],
    ['budget', 'PATCH', async () => `/workspaces/${await running()}/budget`, { budget_limit: 5 }],
    ['cancel', 'POST', async () => `/operations/${await restarted()}/cancel`],
    ['retry', 'POST', async () => `/operations/${await failed()}/retry`],
    ['secret', 'PUT', async () => `/workspaces/${await running()}/secrets`, { key: 'A_KEY', value: 'v' }],
    ['model', 'PUT', async () => `/workspaces/${await running()}/model`, { model: 'a/b' }],
    ['global secret', 'PUT', () => Promise.resolve('/settings/secrets'), { key: 'SHARED', value: 'v' }],
  ])('%s', async (_name, method, path, body) => {
    const url = await path();
    const options = { headers: { 'idempotency-key': randomUUID() }, ...(body === undefined ? {} : { body }) };
    const first = await gateway.call(method, url, options);
    expect(first.statusCode).toBe(200);
    const before = await fingerprint(gateway.db);
    for (const on of [gateway, twin]) {
      const again = await on.call(method, url, options);
      expect([again.statusCode, again.body]).toEqual([200, first.body]);
    }
    expect(await fingerprint(gateway.db)).toBe(before);
  });
});

describe('refuses a key that is', () => {
  test.each([
    ['empty', ''],
    ['too long', 'x'.repeat(256)],
    ['more than one word', 'a b'],
  ])('%s', async (_what, key) => {
    const answer = await create(key);
    expect(answer.statusCode).toBe(400);
    expect(answer.json<{ error: string }>().error).toContain('Idempotency-Key');
  });
});
