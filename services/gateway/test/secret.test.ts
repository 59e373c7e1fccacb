import { randomBytes, randomUUID } from 'node:crypto';
import { createCipher } from '@holdfast/activities/secret/cipher';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  addOrgToken,
  addWorkspace,
  addWorkspaceToken,
  adminToken,
  type TestGateway,
  testGateway,
} from './support/gateway.ts';

let gateway: TestGateway;
let id: string;
let own: string;
beforeAll(async () => {
  gateway = await testGateway();
});
beforeEach(async () => {
  await gateway.db.$executeRaw`TRUNCATE global_secrets, workspace_secrets`;
  id = await addWorkspace(gateway.db);
  own = await addWorkspaceToken(gateway.db, id, 'agent');
});
afterAll(() => gateway.close());

const otherKey = createCipher(randomBytes(32).toString('base64'));
const secrets = () => `/workspaces/${id}/secrets`;
const save = (key: string, value: string) => gateway.call('PUT', secrets(), { body: { key, value } });
const saveGlobal = (key: string, value: string) => gateway.call('PUT', '/settings/secrets', { body: { key, value } });
const values = (token: string | null = own) => gateway.call('GET', `${secrets()}/values`, { token });

describe('secrets of a workspace', () => {
  test.each(['POST', 'PUT'])('are saved by %s, by the workspace and by operators', async (method) => {
    for (const token of [own, adminToken, await addOrgToken(gateway.db)]) {
      const answer = await gateway.call(method, secrets(), { token, body: { key: 'API_KEY', value: 'x' } });
      expect(answer.statusCode).toBe(200);
      expect(answer.json()).toEqual({ status: 'saved', key: 'API_KEY' });
    }
  });

  test('are listed by name with the inherited ones behind them, and without values', async () => {
    await save('B', 'hunter2');
    await save('A', 'hunter2');
    await saveGlobal('C', 'hunter2');
    await saveGlobal('A', 'hunter2');
    const answer = await gateway.call('GET', secrets(), { token: own });
    const stamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    const line = { has_value: true, created_at: stamp, updated_at: stamp };
    expect(answer.json()).toEqual([
      { key: 'A', scope: 'workspace', ...line },
      { key: 'B', scope: 'workspace', ...line },
      { key: 'C', scope: 'global', ...line },
    ]);
    expect(answer.body).not.toContain('hunter2');
  });

  test('are an empty list, not null, when there are none', async () => {
    expect((await gateway.call('GET', secrets())).json()).toEqual([]);
  });

  test('are deleted by name', async () => {
    await save('API_KEY', 'x');
    const answer = await gateway.call('DELETE', `${secrets()}/API_KEY`);
    expect(answer.json()).toEqual({ status: 'deleted', key: 'API_KEY' });
    expect((await gateway.call('GET', secrets())).json()).toEqual([]);
  });

  test('are deleted by a name written for a URL, however odd', async () => {
    const key = 'an odd/name é';
    await gateway.db.workspaceSecret.create({ data: { workspaceId: id, key, encryptedValue: Buffer.from('x') } });
    const answer = await gateway.call('DELETE', `${secrets()}/${encodeURIComponent(key)}`);
    expect(answer.json()).toEqual({ status: 'deleted', key });
  });

  test('answer 404 when a name to delete is not there', async () => {
    await saveGlobal('INHERITED', 'x');
    for (const key of ['UNKNOWN', 'INHERITED']) {
      const answer = await gateway.call('DELETE', `${secrets()}/${key}`);
      expect([answer.statusCode, answer.json()['error']]).toEqual([404, 'secret not found']);
    }
  });

  test.each([
    ['no body', undefined],
    ['broken JSON', '{"key":'],
    ['a list', []],
    ['no value', { key: 'KEY' }],
    ['no key', { value: 'x' }],
    ['an empty key', { key: '', value: 'x' }],
    ['an empty value', { key: 'KEY', value: '' }],
    ['a number as value', { key: 'KEY', value: 1 }],
    ['null as value', { key: 'KEY', value: null }],
    ['a zero byte in the value', { key: 'KEY', value: 'a\0b' }],
  ])('refuse %s with the contract’s text, and change nothing', async (_, body) => {
    for (const [method, path] of [
      ['POST', secrets()],
      ['PUT', secrets()],
      ['POST', '/settings/secrets'],
      ['PUT', '/settings/secrets'],
      ['POST', '/admin/secrets'],
    ] as const) {
      const answer = await gateway.call(method, path, { body });
      expect([answer.statusCode, answer.json()['error']]).toEqual([400, 'invalid request body']);
    }
    expect(await gateway.db.workspaceSecret.count()).toBe(0);
    expect(await gateway.db.globalSecret.count()).toBe(0);
  });

  test.each(['PATH', 'PLATFORM_URL', 'WORKSPACE_ID', 'HOLDFAST_NONCE', 'LD_PRELOAD', 'NODE_OPTIONS'])(
    'refuse the platform’s own name %s',
    async (key) => {
      for (const answer of [await save(key, 'x'), await saveGlobal(key, 'x')]) {
        expect([answer.statusCode, answer.json()['error']]).toEqual([
          400,
          `secret key "${key}" is reserved by the platform`,
        ]);
      }
    },
  );

  test.each(['9A', 'A-B', 'A B', 'É', 'A\n', 'x'.repeat(129)])('refuse the name %j', async (key) => {
    for (const answer of [await save(key, 'x'), await saveGlobal(key, 'x')]) expect(answer.statusCode).toBe(400);
  });

  test('ignore members they do not know', async () => {
    const answer = await gateway.call('PUT', secrets(), { body: { key: 'KEY', value: 'x', scope: 'global' } });
    expect(answer.statusCode).toBe(200);
    expect(await gateway.db.globalSecret.count()).toBe(0);
  });

  test('answer 404 for a workspace that is not there, or is removed', async () => {
    for (const gone of [randomUUID(), await addWorkspace(gateway.db, { status: 'removed' })]) {
      const answer = await gateway.call('PUT', `/workspaces/${gone}/secrets`, { body: { key: 'KEY', value: 'x' } });
      expect([answer.statusCode, answer.json()['error']]).toEqual([404, 'workspace not found']);
    }
  });

  test('answer 400 for an id that is no UUID', async () => {
    for (const [method, path] of [
      ['GET', 'secrets'],
      ['PUT', 'secrets'],
      ['DELETE', 'secrets/KEY'],
      ['GET', 'model'],
      ['PUT', 'model'],
    ] as const) {
      const answer = await gateway.call(method, `/workspaces/nonsense/${path}`, {
        body: { key: 'KEY', value: 'x', model: 'm' },
      });
      expect([answer.statusCode, answer.json()['error']]).toEqual([400, 'invalid workspace ID']);
    }
  });

  test('are closed to another workspace and to nobody', async () => {
    const other = await addWorkspaceToken(gateway.db, await addWorkspace(gateway.db));
    for (const [method, path] of [
      ['GET', ''],
      ['POST', ''],
      ['PUT', ''],
      ['DELETE', '/KEY'],
      ['GET', '/values'],
    ] as const) {
      const refused = await gateway.call(method, `${secrets()}${path}`, {
        token: other,
        body: { key: 'KEY', value: 'x' },
      });
      expect([refused.statusCode, refused.json()['error']]).toEqual([401, 'invalid workspace auth token']);
      const unknown = await gateway.call(method, `${secrets()}${path}`, {
        token: null,
        body: { key: 'KEY', value: 'x' },
      });
      expect([unknown.statusCode, unknown.json()['error']]).toEqual([401, 'missing workspace auth token']);
    }
    expect(await gateway.db.workspaceSecret.count()).toBe(0);
  });
});

describe('the values', () => {
  test('are one flat object: the global ones with the workspace’s own over them', async () => {
    await saveGlobal('SHARED', 'global');
    await saveGlobal('GLOBAL', 'global');
    await save('SHARED', 'own');
    const answer = await values();
    expect(answer.json()).toEqual({ GLOBAL: 'global', SHARED: 'own' });
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  test('are for the workspace’s own token alone: not for operators, nor for anybody before it has a token', async () => {
    const tokenless = await addWorkspace(gateway.db);
    for (const token of [adminToken, await addOrgToken(gateway.db), null]) {
      expect((await values(token)).statusCode).toBe(401);
      expect((await gateway.call('GET', `/workspaces/${tokenless}/secrets/values`, { token })).statusCode).toBe(401);
    }
  });

  test('are refused whole, with the names that cannot be read and no value', async () => {
    await save('GOOD', 'hunter2');
    await gateway.db.workspaceSecret.create({
      data: { workspaceId: id, key: 'BAD', encryptedValue: otherKey.seal('x'), encryptionVersion: 1 },
    });
    await gateway.db.globalSecret.create({
      data: { key: 'NEWER', encryptedValue: otherKey.seal('x'), encryptionVersion: 2 },
    });
    const answer = await values();
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toMatchObject({
      error: 'one or more secrets failed to decrypt; refusing to return partial bundle',
      failed_keys: ['global:NEWER', 'workspace:BAD'],
    });
    expect(answer.body).not.toContain('hunter2');
  });

  test('include a row that was written in the clear', async () => {
    await gateway.db.workspaceSecret.create({
      data: { workspaceId: id, key: 'OLD', encryptedValue: Buffer.from('plain') },
    });
    expect((await values()).json()).toEqual({ OLD: 'plain' });
  });
});

describe('an Idempotency-Key', () => {
  test('saves once, and another value under the same key is refused', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const put = (value: string) => gateway.call('PUT', secrets(), { headers, body: { key: 'KEY', value } });
    expect((await put('first')).statusCode).toBe(200);
    await save('KEY', 'changed since');
    const again = await put('first');
    expect([again.statusCode, again.headers['idempotency-replayed']]).toEqual([200, 'true']);
    expect((await put('second')).statusCode).toBe(422);
    expect((await values()).json()).toEqual({ KEY: 'changed since' });
  });

  test('gives the answer of a delete again instead of 404', async () => {
    await save('KEY', 'x');
    const headers = { 'idempotency-key': randomUUID() };
    for (let time = 0; time < 2; time += 1) {
      const answer = await gateway.call('DELETE', `${secrets()}/KEY`, { headers });
      expect(answer.json()).toEqual({ status: 'deleted', key: 'KEY' });
    }
  });
});

test('no value gets into an answer, a log line or any table in the clear', async () => {
  const value = `needle-${randomUUID()}`;
  const headers = { 'idempotency-key': randomUUID() };
  // The one answer that repeats what it was sent: the contract's.
  await gateway.call('PUT', `/workspaces/${id}/model`, { body: { model: value } });
  const answers = [
    await gateway.call('PUT', secrets(), { headers, body: { key: 'KEY', value } }),
    await saveGlobal('KEY', value),
    await save('PATH', value),
    await save('9', value),
    await save('KEY', `${value}\0`),
    await gateway.call('PUT', secrets(), { body: { key: 'KEY', value: [value] } }),
    await gateway.call('PUT', secrets(), { body: `{"key":"KEY","value":"${value}` }),
    await gateway.call('PUT', `/workspaces/${randomUUID()}/secrets`, { body: { key: 'KEY', value } }),
    await gateway.call('GET', secrets()),
    await gateway.call('GET', '/settings/secrets'),
  ];
  await gateway.db.$executeRaw`ALTER TABLE workspace_secrets RENAME TO elsewhere`;
  answers.push(await save('KEY', value), await values());
  await gateway.db.$executeRaw`ALTER TABLE elsewhere RENAME TO workspace_secrets`;
  expect(answers.slice(-2).map(({ statusCode }) => statusCode)).toEqual([500, 500]);
  for (const answer of answers) expect(answer.body).not.toContain(value);
  expect(gateway.lines.length).toBeGreaterThan(answers.length);
  expect(gateway.lines.join('')).not.toContain(value);
  expect(await inDatabase(value)).toEqual([]);
  // The search itself finds what was written in the clear.
  await gateway.db.globalSecret.create({ data: { key: 'CLEAR', encryptedValue: Buffer.from(value) } });
  expect(await inDatabase(value)).toEqual(['global_secrets']);
});

/** Tables with a row that holds the text, as text or as bytes. */
async function inDatabase(text: string): Promise<string[]> {
  const tables = await gateway.db.$queryRaw<{ name: string }[]>`
    SELECT table_name::text AS name FROM information_schema.tables WHERE table_schema = 'public'`;
  const hex = Buffer.from(text).toString('hex');
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await gateway.db.$queryRawUnsafe<{ row: string }[]>(`SELECT t::text AS row FROM "${name}" t`);
    if (rows.some(({ row }) => row.includes(text) || row.includes(hex))) found.push(name);
  }
  expect(tables.length).toBeGreaterThan(10);
  return found;
}
