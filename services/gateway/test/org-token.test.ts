import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  addOrgToken,
  addWorkspace,
  addWorkspaceToken,
  adminToken,
  type TestGateway,
  testGateway,
} from './support/gateway.ts';

let gateway: TestGateway;
/** Minting is limited by address: each test has its own. */
let address = 0;
beforeAll(async () => {
  gateway = await testGateway({ env: { TRUSTED_PROXIES: '127.0.0.1' } });
});
beforeEach(async () => {
  address += 1;
  await gateway.db.$executeRaw`TRUNCATE org_api_tokens`;
});
afterAll(() => gateway.close());

const anyTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
const anyToken = expect.stringMatching(/^[A-Za-z0-9_-]{43}$/);

interface Minted {
  id: string;
  auth_token: string;
  expires_at: string;
}
const mint = (body?: unknown, token = adminToken, headers: Record<string, string> = {}) =>
  gateway.call('POST', '/org/tokens', {
    body,
    token,
    headers: { 'x-forwarded-for': `192.0.2.${address}`, ...headers },
  });
const list = async () =>
  (await gateway.call('GET', '/org/tokens')).json<{ tokens: Record<string, unknown>[]; count: number }>();

test('a new org token is answered with 200, shown once, and ends after ninety days', async () => {
  const answer = await mint({ name: 'ci' });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['cache-control']).toBe('no-store');
  const body = answer.json<Minted>();
  expect(body).toEqual({
    id: expect.any(String),
    prefix: body.auth_token.slice(0, 8),
    name: 'ci',
    expires_at: anyTime,
    auth_token: anyToken,
    warning: 'copy this token now; it will not be shown again',
  });
  expect((Date.parse(body.expires_at) - Date.now()) / 86_400_000).toBeCloseTo(90, 1);
  expect(JSON.stringify(await list())).not.toContain(body.auth_token);
});

test('an org token opens what an operator may do, until it is revoked', async () => {
  const { id, auth_token: token } = (await mint()).json<Minted>();
  expect((await gateway.call('GET', '/org/tokens', { token })).statusCode).toBe(200);
  expect(await list()).toMatchObject({ tokens: [{ id, last_used_at: anyTime }], count: 1 });
  const revoked = await gateway.call('DELETE', `/org/tokens/${id}`);
  expect([revoked.statusCode, revoked.json()]).toEqual([200, { revoked: id }]);
  expect(await list()).toEqual({ tokens: [], count: 0 });
  await expect.poll(async () => (await gateway.call('GET', '/org/tokens', { token })).statusCode).toBe(401);
});

test('revoking an org token that is revoked, unknown or nonsense answers 404', async () => {
  const { id } = (await mint()).json<Minted>();
  await gateway.call('DELETE', `/org/tokens/${id}`);
  for (const gone of [id, randomUUID(), 'nonsense']) {
    const answer = await gateway.call('DELETE', `/org/tokens/${gone}`);
    expect([answer.statusCode, answer.json()['error']]).toEqual([404, 'token not found or already revoked']);
  }
});

test('the list leaves out what a token does not have, and names the credential that made it', async () => {
  const byAdmin = (await mint({ org_id: 'acme', expires_at: null })).json<Minted>();
  // A cookie that proves nothing makes nobody a session.
  const byOrg = (await mint({}, byAdmin.auth_token, { cookie: 'session=anything' })).json<Minted>();
  expect(await list()).toEqual({
    count: 2,
    tokens: [
      {
        id: byOrg.id,
        prefix: expect.any(String),
        org_id: 'acme',
        created_by: `org-token:${byAdmin.auth_token.slice(0, 8)}`,
        created_at: anyTime,
        expires_at: anyTime,
      },
      {
        id: byAdmin.id,
        prefix: expect.any(String),
        org_id: 'acme',
        created_by: 'admin-token',
        created_at: anyTime,
        last_used_at: anyTime,
      },
    ],
  });
});

test('a token that is bound to an org makes tokens of that org only', async () => {
  const token = await addOrgToken(gateway.db, 'acme');
  const answer = await mint({ org_id: 'umbrella' }, token);
  expect([answer.statusCode, answer.json()['error']]).toEqual([403, 'org access denied']);
  expect(await list()).toMatchObject({ count: 1 });
});

test.each(['', 'no json', '[]', 'null', '7', '{"name":7}'])(
  'the body %j asks for a token without a name',
  async (body) => {
    const answer = await mint(body);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).not.toHaveProperty('name');
  },
);

test.each([
  [{ name: 'x'.repeat(101) }, 'name too long (max 100 chars)'],
  [{ expires_at: '2020-01-01T00:00:00Z' }, 'expires_at must be in the future'],
  [{ expires_at: '9999-12-31T23:59:59-23:59' }, 'expires_at is too far away'],
  [{ expires_at: 7 }, 'invalid request body'],
  [{ org_id: 7 }, 'invalid request body'],
])('refuses %j', async (body, error) => {
  const answer = await mint(body);
  expect([answer.statusCode, answer.json()['error']]).toEqual([400, error]);
  expect(await list()).toMatchObject({ count: 0 });
});

test.each([{ expires_at: 'tomorrow' }, { expires_at: '' }, { org_id: '' }])('refuses %j', async (body) => {
  expect((await mint(body)).statusCode).toBe(400);
  expect(await list()).toMatchObject({ count: 0 });
});

test('an address may mint ten an hour; listing is not counted with them', async () => {
  const statuses = [];
  for (let time = 0; time < 11; time += 1) statuses.push((await mint()).statusCode);
  expect(statuses).toEqual([...Array<number>(10).fill(200), 429]);
  expect(await list()).toMatchObject({ count: 10 });
});

test('one Idempotency-Key mints one org token, whose answer is kept sealed', async () => {
  const headers = { 'idempotency-key': randomUUID() };
  const first = (await mint({ name: 'ci' }, adminToken, headers)).json<Minted>();
  expect((await mint({ name: 'ci' }, adminToken, headers)).json()).toEqual(first);
  expect((await mint({ name: 'other' }, adminToken, headers)).statusCode).toBe(422);
  expect(await list()).toMatchObject({ count: 1 });
  const [row] = await gateway.db.idempotencyKey.findMany();
  expect(Buffer.from(row!.sealedBody!).includes(first.auth_token)).toBe(false);
});

test('org tokens are closed to workspaces and to nobody', async () => {
  const token = await addWorkspaceToken(gateway.db, await addWorkspace(gateway.db));
  for (const [method, path] of [
    ['GET', ''],
    ['POST', ''],
    ['DELETE', `/${randomUUID()}`],
  ] as const) {
    const answer = await gateway.call(method, `/org/tokens${path}`, { token });
    expect([answer.statusCode, answer.json()['error']]).toEqual([401, 'invalid admin auth token']);
    const nobody = await gateway.call(method, `/org/tokens${path}`, { token: null });
    expect([nobody.statusCode, nobody.json()['error']]).toEqual([401, 'admin auth required']);
  }
});
