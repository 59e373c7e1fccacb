import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addWorkspace, addWorkspaceToken, type TestGateway, testGateway } from './support/gateway.ts';
import { fingerprint } from './support/fingerprint.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await testGateway();
});
afterAll(() => gateway.close());

const patch = (id: string, body: unknown, headers = {}) =>
  gateway.call('PATCH', `/workspaces/${id}/budget`, { body, headers });
const read = (id: string) => gateway.call('GET', `/workspaces/${id}/budget`);

test('a workspace without a limit has nothing remaining to count', async () => {
  const id = await addWorkspace(gateway.db, { monthlySpend: 1_234n });
  const answer = await read(id);
  expect([answer.statusCode, answer.json()]).toEqual([
    200,
    { budget_limit: null, monthly_spend: 1234, budget_remaining: null },
  ]);
});

describe('sets', () => {
  test.each<[unknown, number | null]>([
    [0, 0],
    [500, 500],
    [500.99, 500],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    [null, null],
  ])('%s as %s', async (given, limit) => {
    const id = await addWorkspace(gateway.db, { budgetLimit: 7n, monthlySpend: 800n });
    const answer = await patch(id, { budget_limit: given, monthly_spend: 1 });
    const view = {
      budget_limit: limit,
      monthly_spend: 800,
      budget_remaining: limit === null ? null : limit - 800,
    };
    expect([answer.statusCode, answer.json()]).toEqual([200, view]);
    expect((await read(id)).json()).toEqual(view);
  });
});

describe('refuses, and changes nothing:', () => {
  const notANumber = 'budget_limit must be an integer (USD cents) or null';
  test.each<[string, unknown, string]>([
    ['no member', {}, 'budget_limit field is required'],
    ['another member', { budget: 5 }, 'budget_limit field is required'],
    ['a negative number', { budget_limit: -1 }, 'budget_limit must be >= 0 (USD cents)'],
    ['a negative fraction', { budget_limit: -0.5 }, 'budget_limit must be >= 0 (USD cents)'],
    ['text', { budget_limit: '5' }, notANumber],
    ['a list', { budget_limit: [5] }, notANumber],
    ['true', { budget_limit: true }, notANumber],
    ['more than can be counted', { budget_limit: 1e300 }, notANumber],
    ['no JSON', '{"budget_limit":', 'invalid request body'],
    ['no body', undefined, 'invalid request body'],
    ['no object', '[1]', 'invalid request body'],
  ])('%s', async (_what, body, error) => {
    const id = await addWorkspace(gateway.db, { budgetLimit: 7n });
    const before = await fingerprint(gateway.db);
    const answer = await patch(id, body);
    expect([answer.statusCode, answer.json()['error']]).toEqual([400, error]);
    expect(await fingerprint(gateway.db)).toBe(before);
  });
});

test('one that is unknown or removed is not found, by both', async () => {
  for (const id of [randomUUID(), await addWorkspace(gateway.db, { status: 'removed' })]) {
    for (const answer of [await read(id), await patch(id, { budget_limit: 1 })])
      expect([answer.statusCode, answer.json()['error']]).toEqual([404, 'workspace not found']);
  }
});

test('an agent sees its budget and cannot raise it, here or by a patch of its workspace', async () => {
  const id = await addWorkspace(gateway.db, { budgetLimit: 7n });
  const token = await addWorkspaceToken(gateway.db, id);
  expect((await gateway.call('GET', `/workspaces/${id}/budget`, { token })).statusCode).toBe(200);
  const body = { budget_limit: 1_000_000 };
  expect((await gateway.call('PATCH', `/workspaces/${id}/budget`, { token, body })).statusCode).toBe(401);
  expect((await gateway.call('PATCH', `/workspaces/${id}`, { token, body })).statusCode).toBe(200);
  expect((await read(id)).json()['budget_limit']).toBe(7);
});

test('a new limit does not move a deadline that runs: updated_at stays', async () => {
  const id = await addWorkspace(gateway.db);
  const before = await gateway.db.workspace.findUniqueOrThrow({ where: { id } });
  await patch(id, { budget_limit: 5 });
  expect((await gateway.db.workspace.findUniqueOrThrow({ where: { id } })).updatedAt).toEqual(before.updatedAt);
});
