import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addOrgToken, addWorkspace, addWorkspaceToken, type TestGateway, testGateway } from './support/gateway.ts';
import { expectRefusedAlike, type Planner, planner, type Refused } from './support/plan.ts';

let gateway: TestGateway;
let rehearsals: Planner;
let id: string;
beforeAll(async () => {
  gateway = await testGateway({ env: { MOLECULE_ENV: 'development', MOLECULE_ENABLE_TEST_TOKENS: '1' } });
  rehearsals = await planner(gateway);
});
beforeEach(async () => {
  await gateway.db.$executeRaw`TRUNCATE workspace_auth_tokens, org_api_tokens`;
  id = await addWorkspace(gateway.db, { name: 'mine' });
});
afterAll(async () => {
  await rehearsals.close();
  await gateway.close();
});

const none = { decision: 'direct', operation_kind: null, steps: [] };
/** What a token looks like: forty-three characters that nobody else writes in a row. */
const aToken = /[A-Za-z0-9_-]{43}/;

describe('the plan of a token makes and ends none:', () => {
  test('one of a workspace', async () => {
    const plan = await rehearsals.plan({ method: 'POST', path: `/workspaces/${id}/tokens` });
    expect(plan).toMatchObject({
      verb: 'create-token',
      status: 'created',
      targets: [{ workspace_id: id, name: 'mine', ...none }],
      change: { purpose: 'user' },
    });
    expect(JSON.stringify(plan)).not.toMatch(aToken);
  });

  test.each(['GET', 'POST'])('one for tests, by %s', async (method) => {
    const plan = await rehearsals.plan({ method, path: `/admin/workspaces/${id}/test-token` });
    expect(plan).toMatchObject({ verb: 'create-token', status: 'created', targets: [{ workspace_id: id, ...none }] });
    expect(JSON.stringify(plan)).not.toMatch(aToken);
  });

  test('one of the organisation', async () => {
    const body = { name: 'ci', org_id: 'an-org', expires_at: '2099-01-01T00:00:00.000Z' };
    const plan = await rehearsals.plan({ method: 'POST', path: '/org/tokens', body });
    expect(plan).toEqual({
      dry_run: true,
      verb: 'create-token',
      status: 'created',
      targets: [],
      change: { name: 'ci', org_id: 'an-org', expires_at: '2099-01-01T00:00:00.000Z' },
    });
  });

  test('one of the organisation that never ends and has no name', async () => {
    const plan = await rehearsals.plan({ method: 'POST', path: '/org/tokens', body: { expires_at: null } });
    expect(plan.change).toEqual({ name: null, org_id: null, expires_at: null });
  });

  test('the end of one of a workspace, which goes on to count', async () => {
    const plain = await addWorkspaceToken(gateway.db, id);
    const { id: tokenId } = await gateway.db.workspaceAuthToken.findFirstOrThrow();
    const path = `/workspaces/${id}/tokens/${tokenId}`;
    expect(await rehearsals.plan({ method: 'DELETE', path })).toMatchObject({
      verb: 'revoke-token',
      status: 'revoked',
      targets: [{ workspace_id: id, ...none }],
      change: { token_id: tokenId },
    });
    expect((await gateway.call('GET', `/workspaces/${id}/tokens`, { token: plain })).statusCode).toBe(200);
  });

  test('the end of one of the organisation, which goes on to count', async () => {
    const plain = await addOrgToken(gateway.db);
    const { id: tokenId } = await gateway.db.orgApiToken.findFirstOrThrow();
    expect(await rehearsals.plan({ method: 'DELETE', path: `/org/tokens/${tokenId}` })).toEqual({
      dry_run: true,
      verb: 'revoke-token',
      status: 'revoked',
      targets: [],
      change: { token_id: tokenId },
    });
    expect((await gateway.call('GET', '/org/tokens', { token: plain })).statusCode).toBe(200);
  });
});

describe('refuses as the request itself would:', () => {
  const absent = randomUUID();
  test.each<Refused>([
    ['a token of the absent', 'POST', `/workspaces/${absent}/tokens`, undefined],
    ['a test token of the absent', 'POST', `/admin/workspaces/${absent}/test-token`, undefined],
    ['the end of a token that is not there', 'DELETE', `/workspaces/${absent}/tokens/${absent}`, undefined],
    ['the end of an org token that is not there', 'DELETE', `/org/tokens/${absent}`, undefined],
    ['the end of an org token that is none', 'DELETE', '/org/tokens/nonsense', undefined],
    ['an org token that ended before', 'POST', '/org/tokens', { expires_at: '2001-01-01T00:00:00Z' }],
  ])('%s', (...refused) => expectRefusedAlike(gateway, refused));

  test('an org token of another org', async () => {
    const token = await addOrgToken(gateway.db, 'an-org');
    const asked = { token, body: { org_id: 'another' } };
    expect((await gateway.call('POST', '/org/tokens?dry_run=true', asked)).json()).toMatchObject({
      status: 403,
      error: 'org access denied',
    });
  });

  test('a token of a workspace that has as many as it may', async () => {
    for (let made = 0; made < 50; made += 1) await addWorkspaceToken(gateway.db, id);
    expect((await gateway.call('POST', `/workspaces/${id}/tokens?dry_run=true`)).statusCode).toBe(429);
  });
});

test.each(['GET', 'POST'])('a test token asked for by %s with dry_run=1 is refused, not made', async (method) => {
  const answer = await gateway.call(method, `/admin/workspaces/${id}/test-token?dry_run=1`);
  expect([answer.statusCode, answer.json()['error']]).toEqual([400, 'dry_run must be true or false']);
  expect(await gateway.db.workspaceAuthToken.count()).toBe(0);
});
