import { waitFor } from '@holdfast/infra/testing/index';
import { describe, expect, test } from 'vitest';
import { tenants } from './support/control-plane.ts';
import { fleet, useFleet } from './support/fleet.ts';

useFleet({ emulated: false });

describe('a tenant', () => {
  test('reads its own configuration with its admin token', async () => {
    const bearer = { authorization: `Bearer ${tenants.one.adminToken}`, 'x-molecule-org-id': tenants.one.id };
    expect((await fleet.one.call('GET', '/cp/tenants/config', undefined, bearer)).body).toEqual({
      GREETING: 'hello org-one',
    });
    expect((await fleet.one.call('GET', '/cp/tenants/config')).status).toBe(401);
  });

  test('has no members that this control plane knows of', async () => {
    const { body } = await fleet.one.call('GET', '/cp/auth/tenant-member?slug=one', undefined, { cookie: 'session=x' });
    expect(body).toEqual({ member: false, user_id: '' });
  });

  test('may let an operator look at consoles and at nothing else', async () => {
    const operator = { authorization: `Bearer ${tenants.one.adminSecret}` };
    const console = await fleet.one.call('GET', '/cp/admin/workspaces/none/console', undefined, operator);
    expect(console).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect((await fleet.one.call('GET', '/cp/workspaces', undefined, operator)).status).toBe(401);
  });

  test('learns what the clouds can do', async () => {
    const { body } = await fleet.one.call('GET', '/cp/capabilities');
    expect(body['features']).toContain('box_id');
    expect(body['providers']).toMatchObject({
      hetzner: { console: false },
      gcp: { console: true },
    });
  });

  const routes = [
    ['POST', '/cp/workspaces/provision'],
    ['DELETE', '/cp/workspaces/w?instance_id=i'],
    ['GET', '/cp/workspaces/w/status?instance_id=i'],
    ['GET', '/cp/workspaces'],
    ['GET', '/cp/admin/workspaces/w/console'],
    ['GET', '/cp/capabilities'],
    ['GET', '/cp/tenants/config'],
  ] as const;

  test.each(routes)('that cannot prove itself is refused %s %s', async (method, path) => {
    const wrong = [
      { authorization: '' },
      { authorization: 'Bearer nobody' },
      { authorization: `Basic ${tenants.one.secret}` },
    ];
    for (const headers of wrong) {
      const answer = await fleet.one.call(method, path, undefined, headers);
      expect(answer).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
  });

  test.each(routes)('that shows another’s second credential is refused %s %s', async (method, path) => {
    const headers = path.startsWith('/cp/tenants')
      ? { authorization: `Bearer ${tenants.one.adminToken}`, 'x-molecule-org-id': tenants.two.id }
      : { 'x-molecule-admin-token': tenants.two.adminToken };
    expect((await fleet.one.call(method, path, undefined, headers)).status).toBe(
      path.startsWith('/cp/tenants') ? 404 : 401,
    );
  });

  test.each(routes)('that names another organisation finds nothing at %s %s', async (method, path) => {
    const headers = {
      'x-molecule-org-id': tenants.two.id,
      ...(path.startsWith('/cp/tenants') ? { authorization: `Bearer ${tenants.one.adminToken}` } : {}),
    };
    const answer = await fleet.one.call(method, path, undefined, headers);
    expect([answer.status, answer.text]).toEqual([404, '']);
  });
});

describe('an answer', () => {
  test('that is a failure is a problem where the caller asks for one', async () => {
    const accept = { accept: 'application/problem+json' };
    const asked = await fleet.one.call('GET', '/cp/admin/workspaces/none/console', undefined, accept);
    expect(asked.headers.get('content-type')).toContain('application/problem+json');
    expect(asked.body).toMatchObject({
      type: 'urn:holdfast:control-plane:NOT_FOUND',
      status: 404,
      error: expect.any(String) as string,
    });
    expect((await fleet.one.console('none')).headers.get('content-type')).toContain('application/json');
  });

  test('to what is no route is plain text', async () => {
    expect(await fleet.one.call('GET', '/cp/nothing')).toMatchObject({ status: 404, text: '404 page not found' });
    expect((await fleet.one.call('PUT', '/cp/workspaces/provision')).status).toBe(404);
  });

  test('of the health says when the loops last ran', async () => {
    await waitFor(async () => {
      const { body } = await fleet.one.call('GET', '/health', undefined, { authorization: '' });
      return Object.keys(body['subsystems'] as object).length === 3;
    });
  });
});
