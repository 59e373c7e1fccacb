import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addOrgToken, addWorkspace, addWorkspaceToken, adminToken, type TestGateway, testGateway } from './support/gateway.ts';

let gateway: TestGateway;
let testing: TestGateway;
beforeAll(async () => {
  gateway = await testGateway();
  testing = await testGateway({ env: { MOLECULE_ENV: 'test' } });
});
afterAll(async () => {
  await gateway.close();
  await testing.close();
});

const anyTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
const anyToken = expect.stringMatching(/^[A-Za-z0-9_-]{43}$/);

describe('tokens of a workspace', () => {
  const mint = async (id: string) => (await gateway.call('POST', `/workspaces/${id}/tokens`)).json<{ auth_token: string }>().auth_token;
  const list = async (id: string, query = '') => (await gateway.call('GET', `/workspaces/${id}/tokens${query}`)).json<{ tokens: { id: string; prefix: string }[]; count: number }>();

  test('are minted with 201 and shown once', async () => {
    const id = await addWorkspace(gateway.db);
    const answer = await gateway.call('POST', `/workspaces/${id}/tokens`);
    expect(answer.statusCode).toBe(201);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.json()).toEqual({
      auth_token: anyToken,
      workspace_id: id,
      message: 'Save this token now — it cannot be retrieved again.',
    });
    const { auth_token: plain } = answer.json<{ auth_token: string }>();
    const listed = await gateway.call('GET', `/workspaces/${id}/tokens`);
    expect(listed.json()).toEqual({
      tokens: [{ id: expect.any(String), prefix: plain.slice(0, 8), purpose: 'user', created_at: anyTime, last_used_at: null }],
      count: 1,
    });
    expect(listed.body).not.toContain(plain);
  });

  test.each(['', 'no json', '[1,2]', '{"purpose":"agent"}'])('are minted whatever the body is: %j', async (body) => {
    const id = await addWorkspace(gateway.db);
    const answer = await gateway.call('POST', `/workspaces/${id}/tokens`, { body });
    expect(answer.statusCode).toBe(201);
    expect(await gateway.db.workspaceAuthToken.findFirst({ where: { workspaceId: id } })).toMatchObject({ purpose: 'user' });
  });

  test('open their workspace and show when they were used', async () => {
    const id = await addWorkspace(gateway.db);
    const token = await mint(id);
    const answer = await gateway.call('GET', `/workspaces/${id}/tokens`, { token });
    expect(answer.statusCode).toBe(200);
    expect(await list(id)).toMatchObject({ tokens: [{ last_used_at: anyTime }] });
  });

  test('are refused at fifty with 429 and the contract’s text', async () => {
    const id = await addWorkspace(gateway.db);
    for (let made = 0; made < 50; made += 1) await mint(id);
    const answer = await gateway.call('POST', `/workspaces/${id}/tokens`);
    expect([answer.statusCode, answer.json()['error']]).toEqual([429, 'maximum 50 active tokens per workspace']);
    expect(await gateway.db.workspaceAuthToken.count({ where: { workspaceId: id } })).toBe(50);
  });

  test('stop at fifty when a hundred are asked for at once', async () => {
    const id = await addWorkspace(gateway.db);
    const answers = await Promise.all(Array.from({ length: 100 }, () => gateway.call('POST', `/workspaces/${id}/tokens`)));
    expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(50);
    expect(answers.filter(({ statusCode }) => statusCode === 429)).toHaveLength(50);
  });

  test('end when they are revoked, and only once', async () => {
    const id = await addWorkspace(gateway.db);
    const token = await mint(id);
    expect((await gateway.call('GET', `/workspaces/${id}/tokens`, { token })).statusCode).toBe(200);
    const [line] = (await list(id)).tokens;
    const answer = await gateway.call('DELETE', `/workspaces/${id}/tokens/${line!.id}`);
    expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'revoked' }]);
    expect(await list(id)).toEqual({ tokens: [], count: 0 });
    const again = await gateway.call('DELETE', `/workspaces/${id}/tokens/${line!.id}`);
    expect([again.statusCode, again.json()['error']]).toEqual([404, 'token not found or already revoked']);
    // This gateway had just seen the token alive.
    await expect
      .poll(async () => (await gateway.call('GET', `/workspaces/${id}/tokens`, { token })).statusCode)
      .toBe(401);
  });

  test('of another workspace cannot be revoked here', async () => {
    const [mine, theirs] = [await addWorkspace(gateway.db), await addWorkspace(gateway.db)];
    await mint(theirs);
    const [line] = (await list(theirs)).tokens;
    for (const tokenId of [line!.id, randomUUID(), 'nonsense', `${line!.id}%20`]) {
      const answer = await gateway.call('DELETE', `/workspaces/${mine}/tokens/${tokenId}`);
      expect([answer.statusCode, answer.json()['error']]).toEqual([404, 'token not found or already revoked']);
    }
    expect(await list(theirs)).toMatchObject({ count: 1 });
  });

  test.each([
    ['', 50],
    ['?limit=2', 2],
    ['?limit=2&offset=50', 2],
    ['?limit=200&offset=51', 1],
    ['?offset=52', 0],
    ['?limit=0', 50],
    ['?limit=201', 50],
    ['?limit=-1', 50],
    ['?limit=x', 50],
    ['?limit=1.5', 50],
    ['?limit=1e99', 50],
    ['?limit=2&limit=3', 50],
    ['?limit=200&offset=-1', 52],
    ['?limit=200&offset=x', 52],
    ['?limit=200&offset=99999999999999999999', 52],
  ])('are listed in pages: %s gives %i', async (query, count) => {
    const id = await addWorkspace(gateway.db);
    for (let made = 0; made < 52; made += 1) await addWorkspaceToken(gateway.db, id);
    expect(await list(id, query)).toMatchObject({ count });
    expect((await list(id, query)).tokens).toHaveLength(count);
  });

  test('are not made or revoked by a token of the workspace itself', async () => {
    const id = await addWorkspace(gateway.db);
    for (const token of [await mint(id), await addWorkspaceToken(gateway.db, id, 'agent')]) {
      const [line] = (await list(id)).tokens;
      for (const [method, path] of [['POST', ''], ['DELETE', `/${line!.id}`]] as const) {
        const answer = await gateway.call(method, `/workspaces/${id}/tokens${path}`, { token });
        expect(answer.statusCode).toBe(401);
      }
    }
    expect(await list(id)).toMatchObject({ count: 2 });
  });

  test('are made and revoked by an org token', async () => {
    const id = await addWorkspace(gateway.db);
    const token = await addOrgToken(gateway.db);
    expect((await gateway.call('POST', `/workspaces/${id}/tokens`, { token })).statusCode).toBe(201);
    const [line] = (await list(id)).tokens;
    expect((await gateway.call('DELETE', `/workspaces/${id}/tokens/${line!.id}`, { token })).statusCode).toBe(200);
  });

  test('are not made for a workspace that is not there or is removed', async () => {
    for (const id of [randomUUID(), await addWorkspace(gateway.db, { status: 'removed' })]) {
      const answer = await gateway.call('POST', `/workspaces/${id}/tokens`);
      expect([answer.statusCode, answer.json()['error']]).toEqual([404, 'workspace not found']);
    }
  });

  test('of a removed workspace open nothing', async () => {
    const id = await addWorkspace(gateway.db);
    const token = await mint(id);
    await gateway.db.workspace.update({ where: { id }, data: { status: 'removed' } });
    expect((await gateway.call('GET', `/workspaces/${id}/tokens`, { token })).statusCode).toBe(401);
  });

  test('are minted once under one Idempotency-Key, and the answer is kept sealed', async () => {
    const id = await addWorkspace(gateway.db);
    const headers = { 'idempotency-key': randomUUID() };
    const answers = await Promise.all(Array.from({ length: 20 }, () => gateway.call('POST', `/workspaces/${id}/tokens`, { headers })));
    const tokens = new Set(answers.map((answer) => answer.json<{ auth_token: string }>().auth_token));
    expect(tokens.size).toBe(1);
    expect(answers.every(({ statusCode }) => statusCode === 201)).toBe(true);
    expect(await list(id)).toMatchObject({ count: 1 });
    const [token] = tokens;
    const rows = await gateway.db.idempotencyKey.findMany();
    expect(rows.every(({ sealedBody }) => sealedBody && !Buffer.from(sealedBody).includes(token!))).toBe(true);
  });
});

describe('org tokens', () => {
  const mint = (body: unknown = {}, token = adminToken) => gateway.call('POST', '/org/tokens', { body, token });
  const lines = async () => (await gateway.call('GET', '/org/tokens')).json<{ tokens: Record<string, unknown>[]; count: number }>();
  // Ten an hour and address: each test starts another gateway's worth of them.
  const inOther = async (use: (other: TestGateway) => Promise<void>) => {
    const other = await testGateway();
    try {
      await use(other);
    } finally {
      await other.close();
    }
  };

  test('are minted with 200, shown once, and end after ninety days', async () => {
    const answer = await mint({ name: 'ci' });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    const body = answer.json<{ auth_token: string; expires_at: string }>();
    expect(body).toEqual({
      id: expect.any(String),
      prefix: body.auth_token.slice(0, 8),
      name: 'ci',
      expires_at: anyTime,
      auth_token: anyToken,
      warning: 'copy this token now; it will not be shown again',
    });
    expect((Date.parse(body.expires_at) - Date.now()) / 86_400_000).toBeCloseTo(90, 1);
    expect(JSON.stringify(await lines())).not.toContain(body.auth_token);
  });

  test('open what an operator may do, and are closed when revoked', async () => {
    const { id, auth_token: token } = (await mint()).json<{ id: string; auth_token: string }>();
    expect((await gateway.call('GET', '/org/tokens', { token })).statusCode).toBe(200);
    expect((await lines()).tokens.find((line) => line['id'] === id)).toHaveProperty('last_used_at', anyTime);
    const revoked = await gateway.call('DELETE', `/org/tokens/${id}`);
    expect([revoked.statusCode, revoked.json()]).toEqual([200, { revoked: id }]);
    await expect.poll(async () => (await gateway.call('GET', '/org/tokens', { token })).statusCode).toBe(401);
    for (const gone of [id, randomUUID(), 'nonsense']) {
      const answer = await gateway.call('DELETE', `/org/tokens/${gone}`);
      expect([answer.statusCode, answer.json()['error']]).toEqual([404, 'token not found or already revoked']);
    }
  });

  test('leave out what they do not have, and say who made them', async () =>
    inOther(async (other) => {
      const byAdmin = (await other.call('POST', '/org/tokens', { body: { org_id: 'acme', expires_at: null } })).json<{ id: string; auth_token: string }>();
      const byOrg = (await other.call('POST', '/org/tokens', { token: byAdmin.auth_token, headers: { cookie: 'session=anything' } })).json<{ id: string }>();
      const { tokens, count } = (await other.call('GET', '/org/tokens')).json<{ tokens: Record<string, unknown>[]; count: number }>();
      expect(count).toBe(2);
      expect(tokens).toEqual([
        {
          id: byOrg.id,
          prefix: expect.any(String),
          org_id: 'acme',
          created_by: `org-token:${byAdmin.auth_token.slice(0, 8)}`,
          created_at: anyTime,
          expires_at: anyTime,
        },
        { id: byAdmin.id, prefix: expect.any(String), org_id: 'acme', created_by: 'admin-token', created_at: anyTime, last_used_at: anyTime },
      ]);
    }));

  test('bound to an org make tokens of that org only', async () =>
    inOther(async (other) => {
      const token = await addOrgToken(other.db, 'acme');
      const answer = await other.call('POST', '/org/tokens', { token, body: { org_id: 'umbrella' } });
      expect([answer.statusCode, answer.json()['error']]).toEqual([403, 'org access denied']);
      expect(await other.db.orgApiToken.count()).toBe(1);
    }));

  test.each(['', 'no json', '[]', 'null', '7', '{"name":7}'])('are minted without a name for the body %j', async (body) =>
    inOther(async (other) => {
      const answer = await other.call('POST', '/org/tokens', { body });
      expect(answer.statusCode).toBe(200);
      expect(answer.json()).not.toHaveProperty('name');
    }));

  test.each([
    [{ name: 'x'.repeat(101) }, 'name too long (max 100 chars)'],
    [{ expires_at: '2020-01-01T00:00:00Z' }, 'expires_at must be in the future'],
  ])('are refused for %j', async (body, error) =>
    inOther(async (other) => {
      const answer = await other.call('POST', '/org/tokens', { body });
      expect([answer.statusCode, answer.json()['error']]).toEqual([400, error]);
      expect(await other.db.orgApiToken.count()).toBe(0);
    }));

  test.each([{ expires_at: 'tomorrow' }, { expires_at: 7 }, { org_id: 7 }, { org_id: '' }])('are refused for %j', async (body) =>
    inOther(async (other) => {
      expect((await other.call('POST', '/org/tokens', { body })).statusCode).toBe(400);
      expect(await other.db.orgApiToken.count()).toBe(0);
    }));

  test('are minted ten times an hour and address, and listed as often as one likes', async () =>
    inOther(async (other) => {
      const statuses = [];
      for (let time = 0; time < 11; time += 1) statuses.push((await other.call('POST', '/org/tokens')).statusCode);
      expect(statuses).toEqual([...Array<number>(10).fill(200), 429]);
      expect((await other.call('GET', '/org/tokens')).json()).toMatchObject({ count: 10 });
    }));

  test('are closed to workspaces and to nobody', async () => {
    const token = await addWorkspaceToken(gateway.db, await addWorkspace(gateway.db));
    for (const [method, path] of [['GET', ''], ['POST', ''], ['DELETE', `/${randomUUID()}`]] as const) {
      const answer = await gateway.call(method, `/org/tokens${path}`, { token });
      expect([answer.statusCode, answer.json()['error']]).toEqual([401, 'invalid admin auth token']);
      const nobody = await gateway.call(method, `/org/tokens${path}`, { token: null });
      expect([nobody.statusCode, nobody.json()['error']]).toEqual([401, 'admin auth required']);
    }
  });
});

describe('the test-token route', () => {
  const path = (id: string) => `/admin/workspaces/${id}/test-token`;

  test.each(['GET', 'POST'])('hides by %s where it is not enabled, even from the admin', async (method) => {
    const id = await addWorkspace(gateway.db);
    for (const token of [adminToken, null]) {
      const answer = await gateway.call(method, path(id), { token });
      expect([answer.statusCode, answer.json()['error']]).toEqual([404, 'not found']);
    }
    expect(await gateway.db.workspaceAuthToken.count({ where: { workspaceId: id } })).toBe(0);
  });

  test('hides in production although the flag is set', async () => {
    const production = await testGateway({ env: { MOLECULE_ENV: 'Prod', MOLECULE_ENABLE_TEST_TOKENS: '1' } });
    const answer = await production.call('GET', path(await addWorkspace(production.db)));
    expect(answer.statusCode).toBe(404);
    await production.close();
  });

  test('opens by the flag where the environment is not production', async () => {
    const staging = await testGateway({ env: { MOLECULE_ENV: 'staging', MOLECULE_ENABLE_TEST_TOKENS: '1' } });
    const answer = await staging.call('GET', path(await addWorkspace(staging.db)));
    expect(answer.statusCode).toBe(200);
    await staging.close();
  });

  test.each(['GET', 'POST'])('refuses by %s what is not the admin token: nothing, org tokens, workspace tokens, cookies', async (method) => {
    const id = await addWorkspace(testing.db);
    const wrong = [null, 'nonsense', await addOrgToken(testing.db), await addWorkspaceToken(testing.db, id)];
    for (const token of wrong) {
      const answer = await testing.call(method, path(id), { token, headers: { cookie: 'session=x', origin: 'http://localhost:3000' } });
      expect([answer.statusCode, answer.json()['error']]).toEqual([401, 'admin auth required']);
    }
    expect(await testing.db.workspaceAuthToken.count({ where: { workspaceId: id } })).toBe(1);
  });

  test.each(['GET', 'POST'])('gives the admin another token by %s at each call', async (method) => {
    const id = await addWorkspace(testing.db);
    const made = new Set<string>();
    for (const authorization of [`Bearer ${adminToken}`, adminToken]) {
      const answer = await testing.call(method, path(id), { token: null, headers: { authorization } });
      expect([answer.statusCode, answer.headers['cache-control']]).toEqual([200, 'no-store']);
      expect(answer.json()).toEqual({ auth_token: anyToken, workspace_id: id });
      made.add(answer.json<{ auth_token: string }>().auth_token);
    }
    expect(made.size).toBe(2);
    for (const token of made) expect((await testing.call('GET', `/workspaces/${id}/tokens`, { token })).statusCode).toBe(200);
  });

  test('answers 404 for a workspace that is not there', async () => {
    const answer = await testing.call('GET', path(randomUUID()));
    expect([answer.statusCode, answer.json()['error']]).toEqual([404, 'workspace not found']);
  });
});

test('no token gets into a log line', async () => {
  const id = await addWorkspace(gateway.db);
  const { auth_token: token } = (await gateway.call('POST', `/workspaces/${id}/tokens`)).json<{ auth_token: string }>();
  await gateway.call('GET', `/workspaces/${id}/tokens`, { token });
  await gateway.call('GET', '/org/tokens', { token });
  await gateway.call('DELETE', `/workspaces/${id}/tokens/${token}`);
  const written = gateway.lines.join('');
  expect(written).toContain(id);
  for (const plain of [token, adminToken]) expect(written).not.toContain(plain);
});
