import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  addOrgToken,
  addWorkspace,
  addWorkspaceToken,
  adminToken,
  type TestGateway,
  testGateway,
} from './support/gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await testGateway();
});
afterAll(() => gateway.close());

const anyTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
const anyToken = expect.stringMatching(/^[A-Za-z0-9_-]{43}$/);

describe('tokens of a workspace', () => {
  const mint = async (id: string) =>
    (await gateway.call('POST', `/workspaces/${id}/tokens`)).json<{ auth_token: string }>().auth_token;
  const list = async (id: string, query = '') =>
    (await gateway.call('GET', `/workspaces/${id}/tokens${query}`)).json<{
      tokens: { id: string; prefix: string }[];
      count: number;
    }>();

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
      tokens: [
        { id: expect.any(String), prefix: plain.slice(0, 8), purpose: 'user', created_at: anyTime, last_used_at: null },
      ],
      count: 1,
    });
    expect(listed.body).not.toContain(plain);
  });

  test.each(['', 'no json', '[1,2]', '{"purpose":"agent"}'])('are minted whatever the body is: %j', async (body) => {
    const id = await addWorkspace(gateway.db);
    const answer = await gateway.call('POST', `/workspaces/${id}/tokens`, { body });
    expect(answer.statusCode).toBe(201);
    expect(await gateway.db.workspaceAuthToken.findFirst({ where: { workspaceId: id } })).toMatchObject({
      purpose: 'user',
    });
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
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => gateway.call('POST', `/workspaces/${id}/tokens`)),
    );
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
      for (const [method, path] of [
        ['POST', ''],
        ['DELETE', `/${line!.id}`],
      ] as const) {
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
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => gateway.call('POST', `/workspaces/${id}/tokens`, { headers })),
    );
    const tokens = new Set(answers.map((answer) => answer.json<{ auth_token: string }>().auth_token));
    expect(tokens.size).toBe(1);
    expect(answers.every(({ statusCode }) => statusCode === 201)).toBe(true);
    expect(await list(id)).toMatchObject({ count: 1 });
    const [token] = tokens;
    const rows = await gateway.db.idempotencyKey.findMany();
    expect(rows.every(({ sealedBody }) => sealedBody && !Buffer.from(sealedBody).includes(token!))).toBe(true);
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
