import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '@holdfast/prisma';
import { AdminCredential } from '../src/auth/admin-credential.ts';
import {
  addOrgToken,
  addWorkspace,
  addWorkspaceToken,
  adminToken,
  type TestGateway,
  testGateway,
} from './support/gateway.ts';

const route = '/operations';
const unavailable = { error: 'platform datastore unavailable — retry shortly', code: 'platform_unavailable' };

/** A control plane that knows one member. */
const controlPlane = createServer((request, response) => {
  const isMember = request.headers.cookie === 'session=member' && request.url === '/cp/auth/tenant-member?slug=acme';
  response.writeHead(isMember ? 200 : 401, { 'content-type': 'application/json' });
  response.end(JSON.stringify(isMember ? { member: true, user_id: 'u-1' } : { member: false }));
});

let gateway: TestGateway;
let withoutToken: TestGateway;
let withoutDatabase: TestGateway;
beforeAll(async () => {
  await new Promise<void>((resolve) => controlPlane.listen(0, '127.0.0.1', resolve));
  const session = {
    CP_UPSTREAM_URL: `http://127.0.0.1:${(controlPlane.address() as AddressInfo).port}`,
    MOLECULE_ORG_SLUG: 'acme',
  };
  gateway = await testGateway({ env: session });
  withoutToken = await testGateway({ env: { ADMIN_TOKEN: '', MOLECULE_ENV: 'development' } });
  const url = 'postgresql://nobody@127.0.0.1:1/nothing';
  withoutDatabase = await testGateway({ database: { url, database: openDatabase(url, { connections: 2 }) } });
});
afterAll(async () => {
  await Promise.all([gateway.close(), withoutToken.close(), withoutDatabase.close()]);
  controlPlane.close();
});

describe('AdminAuth, row by row:', () => {
  test('1 and 7: a credential that cannot be looked up is 503, never 401', async () => {
    const answer = await withoutDatabase.call('GET', route, { token: 'x'.repeat(43) });
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject(unavailable);
    expect(answer.body).not.toContain('ECONNREFUSED');
  });

  test('2: a fresh installation without ADMIN_TOKEN is closed, not open', async () => {
    expect((await withoutToken.call('GET', route, { token: null })).statusCode).toBe(401);
  });

  test('3: a development label opens nothing', async () => {
    expect((await withoutToken.call('GET', route, { token: 'anything' })).json()).toMatchObject({
      error: 'invalid admin auth token',
    });
  });

  test('4: a session the control plane confirms passes, any other does not', async () => {
    expect((await gateway.call('GET', route, { token: null, headers: { cookie: 'session=member' } })).statusCode).toBe(
      200,
    );
    const other = await gateway.call('GET', route, { token: null, headers: { cookie: 'session=other' } });
    expect(other.json()).toMatchObject({ error: 'admin auth required' });
  });

  test('4: a bad cookie does not stop a good bearer', async () => {
    expect((await gateway.call('GET', route, { headers: { cookie: 'session=other' } })).statusCode).toBe(200);
  });

  test('4: a session changes nothing for a page of another site', async () => {
    const create = { body: { name: 'a' }, token: null };
    const forged = await gateway.call('POST', '/workspaces', { ...create, headers: { cookie: 'session=member' } });
    expect(forged.statusCode).toBe(401);
    const own = await gateway.call('POST', '/workspaces', {
      ...create,
      headers: { cookie: 'session=member', 'sec-fetch-site': 'same-origin' },
    });
    expect(own.statusCode).toBe(201);
    const operation = await gateway.db.operation.findFirstOrThrow({ orderBy: { seq: 'desc' } });
    expect(operation.actor).toBe('session');
  });

  test('5: no bearer', async () => {
    const answer = await gateway.call('GET', route, { token: null });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.json()).toMatchObject({ error: 'admin auth required' });
  });

  test('6: a live org token passes and is named as the actor; a revoked and an expired one do not pass', async () => {
    const token = await addOrgToken(gateway.db);
    const created = await gateway.call('POST', '/workspaces', { token, body: { name: 'by org' } });
    const { operation_id: id } = created.json<{ operation_id: string }>();
    expect((await gateway.db.operation.findUniqueOrThrow({ where: { id } })).actor).toBe(
      `org-token:${token.slice(0, 8)}`,
    );
    const [revoked, expired] = [await addOrgToken(gateway.db), await addOrgToken(gateway.db)];
    await gateway.db.orgApiToken.updateMany({
      where: { prefix: revoked.slice(0, 8) },
      data: { revokedAt: new Date() },
    });
    await gateway.db.orgApiToken.updateMany({
      where: { prefix: expired.slice(0, 8) },
      data: { expiresAt: new Date(0) },
    });
    for (const dead of [revoked, expired])
      expect((await gateway.call('GET', route, { token: dead })).statusCode).toBe(401);
  });

  test('8: the admin token passes, anything else is refused, workspace tokens too', async () => {
    const token = await addWorkspaceToken(gateway.db, await addWorkspace(gateway.db));
    expect((await gateway.call('GET', route)).statusCode).toBe(200);
    for (const wrong of [`${adminToken}x`, adminToken.slice(1), token]) {
      expect((await gateway.call('GET', route, { token: wrong })).json()).toMatchObject({
        error: 'invalid admin auth token',
      });
    }
  });

  test('9: without ADMIN_TOKEN a workspace token is no admin token either', async () => {
    const token = await addWorkspaceToken(withoutToken.db, await addWorkspace(withoutToken.db));
    expect((await withoutToken.call('GET', route, { token })).json()).toMatchObject({
      error: 'invalid admin auth token',
    });
  });
});

test('a forged Origin or Referer of the same host authenticates nobody', async () => {
  const headers = { host: 'holdfast.example', origin: 'http://holdfast.example', referer: 'http://holdfast.example/' };
  expect((await gateway.call('GET', route, { token: null, headers })).statusCode).toBe(401);
});

test('the prefix of a bearer is exact', async () => {
  for (const authorization of [`bearer ${adminToken}`, `Bearer${adminToken}`, adminToken, `Basic ${adminToken}`]) {
    expect((await gateway.call('GET', route, { token: null, headers: { authorization } })).json()).toMatchObject({
      error: 'admin auth required',
    });
  }
});

describe('a first boot without ADMIN_TOKEN', () => {
  test('of two gateways, one prints a token, which works on both and is stored as a hash', async () => {
    const twin = await testGateway({
      env: { ADMIN_TOKEN: '' },
      database: { url: withoutToken.url, database: withoutToken.db },
    });
    const printed: string[] = [];
    await Promise.all(
      [withoutToken, twin].map(({ app }) => app.get(AdminCredential).ensure((plain) => void printed.push(plain))),
    );
    expect(printed).toHaveLength(1);
    const [token = ''] = printed;
    for (const one of [withoutToken, twin]) expect((await one.call('GET', route, { token })).statusCode).toBe(200);
    const facts = await withoutToken.db.installationFact.findMany();
    expect(facts.map(({ value }) => Buffer.from(value).includes(token))).toEqual([false]);
    await twin.app.get(AdminCredential).ensure((plain) => void printed.push(plain));
    expect(printed).toHaveLength(1);
    await twin.app.close();
  });
});
