import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  addOrgToken,
  addWorkspace,
  addWorkspaceToken,
  adminToken,
  type TestGateway,
  testGateway,
} from './support/gateway.ts';

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

const anyToken = expect.stringMatching(/^[A-Za-z0-9_-]{43}$/);
const path = (id: string) => `/admin/workspaces/${id}/test-token`;

test.each(['GET', 'POST'])(
  'the test-token route hides by %s where it is not enabled, even from the admin',
  async (method) => {
    const id = await addWorkspace(gateway.db);
    for (const token of [adminToken, null]) {
      const answer = await gateway.call(method, path(id), { token });
      expect([answer.statusCode, answer.json()['error']]).toEqual([404, 'not found']);
    }
    expect(await gateway.db.workspaceAuthToken.count({ where: { workspaceId: id } })).toBe(0);
  },
);

test('the test-token route hides in production although the flag is set', async () => {
  const production = await testGateway({ env: { MOLECULE_ENV: 'Prod', MOLECULE_ENABLE_TEST_TOKENS: '1' } });
  const answer = await production.call('GET', path(await addWorkspace(production.db)));
  expect(answer.statusCode).toBe(404);
  await production.close();
});

test('the test-token route opens by the flag where the environment is not production', async () => {
  const staging = await testGateway({ env: { MOLECULE_ENV: 'staging', MOLECULE_ENABLE_TEST_TOKENS: '1' } });
  const answer = await staging.call('GET', path(await addWorkspace(staging.db)));
  expect(answer.statusCode).toBe(200);
  await staging.close();
});

test.each(['GET', 'POST'])(
  'the test-token route refuses by %s what is not the admin token: nothing, org tokens, workspace tokens, cookies',
  async (method) => {
    const id = await addWorkspace(testing.db);
    const wrong = [null, 'nonsense', await addOrgToken(testing.db), await addWorkspaceToken(testing.db, id)];
    for (const token of wrong) {
      const answer = await testing.call(method, path(id), {
        token,
        headers: { cookie: 'session=x', origin: 'http://localhost:3000' },
      });
      expect([answer.statusCode, answer.json()['error']]).toEqual([401, 'admin auth required']);
    }
    expect(await testing.db.workspaceAuthToken.count({ where: { workspaceId: id } })).toBe(1);
  },
);

test.each(['GET', 'POST'])('the test-token route gives the admin another token by %s at each call', async (method) => {
  const id = await addWorkspace(testing.db);
  const made = new Set<string>();
  for (const authorization of [`Bearer ${adminToken}`, adminToken]) {
    const answer = await testing.call(method, path(id), { token: null, headers: { authorization } });
    expect([answer.statusCode, answer.headers['cache-control']]).toEqual([200, 'no-store']);
    expect(answer.json()).toEqual({ auth_token: anyToken, workspace_id: id });
    made.add(answer.json<{ auth_token: string }>().auth_token);
  }
  expect(made.size).toBe(2);
  for (const token of made)
    expect((await testing.call('GET', `/workspaces/${id}/tokens`, { token })).statusCode).toBe(200);
});

test('the test-token route answers 404 for a workspace that is not there', async () => {
  const answer = await testing.call('GET', path(randomUUID()));
  expect([answer.statusCode, answer.json()['error']]).toEqual([404, 'workspace not found']);
});
