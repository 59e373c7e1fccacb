import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '@holdfast/infra/testing/index';
import { openDatabase } from '@holdfast/prisma';
import { revokeTokens } from '@holdfast/activities/token/tokens';
import { Notifications } from '../src/database/notifications.ts';
import { addOrgToken, addWorkspace, addWorkspaceToken, type TestGateway, testGateway } from './support/gateway.ts';

let gateway: TestGateway;
let withoutDatabase: TestGateway;
let id: string;
let route: string;
beforeAll(async () => {
  gateway = await testGateway({ env: { MOLECULE_ENV: 'dev' } });
  const url = 'postgresql://nobody@127.0.0.1:1/nothing';
  withoutDatabase = await testGateway({ database: { url, database: openDatabase(url, { connections: 2 }) } });
  id = await addWorkspace(gateway.db);
  route = `/workspaces/${id}/operations`;
});
afterAll(() => Promise.all([gateway.close(), withoutDatabase.close()]));

describe('WorkspaceAuth, row by row:', () => {
  test('1: an empty id', async () => {
    const answer = await gateway.call('GET', '/workspaces//operations', { token: null });
    expect(answer.json()).toMatchObject({ error: 'missing workspace ID', status: 401 });
  });

  test('2: the admin token passes', async () => {
    expect((await gateway.call('GET', route)).statusCode).toBe(200);
  });

  test('3: a live org token passes, with and without an org', async () => {
    for (const orgId of [null, 'acme'])
      expect((await gateway.call('GET', route, { token: await addOrgToken(gateway.db, orgId) })).statusCode).toBe(200);
  });

  test('4: the token of this workspace passes', async () => {
    expect((await gateway.call('GET', route, { token: await addWorkspaceToken(gateway.db, id) })).statusCode).toBe(200);
    expect(
      (
        await gateway.call('GET', route.replace(id, id.toUpperCase()), {
          token: await addWorkspaceToken(gateway.db, id),
        })
      ).statusCode,
    ).toBe(200);
  });

  test('5: any other bearer is invalid: of another workspace, of a removed one, or of nobody', async () => {
    const other = await addWorkspaceToken(gateway.db, await addWorkspace(gateway.db));
    const removed = await addWorkspaceToken(gateway.db, await addWorkspace(gateway.db, { status: 'removed' }));
    for (const token of [other, removed, 'nonsense', 'y'.repeat(43)]) {
      expect((await gateway.call('GET', route, { token })).json()).toMatchObject({
        error: 'invalid workspace auth token',
        status: 401,
      });
    }
  });

  test('6: a page of the same origin is nobody', async () => {
    const headers = { host: 'canvas.example', origin: 'http://canvas.example', referer: 'http://canvas.example/' };
    expect((await gateway.call('GET', route, { token: null, headers })).json()).toMatchObject({
      error: 'missing workspace auth token',
    });
  });

  test('7: a development label opens nothing', async () => {
    expect((await gateway.call('GET', route, { token: null })).statusCode).toBe(401);
  });

  test('8: no bearer is refused without asking the database', async () => {
    const answer = await withoutDatabase.call('GET', route, { token: null });
    expect(answer.json()).toMatchObject({ error: 'missing workspace auth token', status: 401 });
  });
});

test('an outage is 503, not an invalid token', async () => {
  const answer = await withoutDatabase.call('GET', route, { token: 'z'.repeat(43) });
  expect(answer.json()).toMatchObject({ code: 'platform_unavailable', status: 503 });
});

test('an id that is no UUID is refused once the caller is known', async () => {
  for (const path of [
    '/workspaces/nonsense',
    '/workspaces/nonsense/operations',
    `/workspaces/${'a'.repeat(900)}`,
    `/workspaces/${id}x`,
  ]) {
    expect((await gateway.call('GET', path)).json()).toMatchObject({ error: 'invalid workspace ID', status: 400 });
  }
});

test('only the workspace itself reads its state', async () => {
  const own = await addWorkspaceToken(gateway.db, id);
  expect((await gateway.call('GET', `/workspaces/${id}/state`, { token: own })).json()).toEqual({
    workspace_id: id,
    status: 'online',
    paused: false,
    deleted: false,
  });
  expect((await gateway.call('GET', `/workspaces/${id}/state`)).json()).toMatchObject({
    error: 'invalid workspace auth token',
  });
});

test('a revoked token stops working although it was seen lately', async () => {
  const target = await addWorkspace(gateway.db);
  const token = await addWorkspaceToken(gateway.db, target);
  await waitFor(() => gateway.app.get(Notifications).listening);
  const call = async () => (await gateway.call('GET', `/workspaces/${target}`, { token })).statusCode;
  expect([await call(), await call()]).toEqual([200, 200]);
  await gateway.db.$transaction((tx) => revokeTokens(tx, target));
  await waitFor(async () => (await call()) === 401);
});
