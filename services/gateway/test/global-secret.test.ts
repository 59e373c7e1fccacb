import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { addWorkspace, addWorkspaceToken, type TestGateway, testGateway } from './support/gateway.ts';

let gateway: TestGateway;
let own: string;
beforeAll(async () => {
  gateway = await testGateway();
});
beforeEach(async () => {
  await gateway.db.$executeRaw`TRUNCATE global_secrets`;
  own = await addWorkspaceToken(gateway.db, await addWorkspace(gateway.db), 'agent');
});
afterAll(() => gateway.close());

const saveGlobal = (key: string, value: string) => gateway.call('PUT', '/settings/secrets', { body: { key, value } });
const ways = [
  ['POST', '/settings/secrets'],
  ['PUT', '/settings/secrets'],
  ['POST', '/admin/secrets'],
] as const;

test.each(ways)('global secrets are saved by %s %s', async (method, path) => {
  const answer = await gateway.call(method, path, { body: { key: 'KEY', value: 'x' } });
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toEqual({ status: 'saved', key: 'KEY', scope: 'global' });
});

test.each(['/settings/secrets', '/admin/secrets'])(
  'global secrets are listed by name and deleted at %s',
  async (path) => {
    await saveGlobal('B', 'hunter2');
    await saveGlobal('A', 'hunter2');
    const listed = await gateway.call('GET', path);
    expect(listed.json()).toMatchObject([
      { key: 'A', has_value: true, scope: 'global' },
      { key: 'B', has_value: true, scope: 'global' },
    ]);
    expect(listed.body).not.toContain('hunter2');
    expect((await gateway.call('DELETE', `${path}/A`)).json()).toEqual({
      status: 'deleted',
      key: 'A',
      scope: 'global',
    });
    const again = await gateway.call('DELETE', `${path}/A`);
    expect([again.statusCode, again.json()['error']]).toEqual([404, 'secret not found']);
  },
);

test('global secrets have no PUT under /admin', async () => {
  const answer = await gateway.call('PUT', '/admin/secrets', { body: { key: 'KEY', value: 'x' } });
  expect([answer.statusCode, answer.body]).toEqual([404, '404 page not found']);
});

test('global secrets are closed to agents and to nobody', async () => {
  for (const [method, path] of [...ways, ['GET', '/settings/secrets'], ['DELETE', '/admin/secrets/KEY']] as const) {
    const agent = await gateway.call(method, path, { token: own, body: { key: 'KEY', value: 'x' } });
    expect([agent.statusCode, agent.json()['error']]).toEqual([401, 'invalid admin auth token']);
    const nobody = await gateway.call(method, path, { token: null, body: { key: 'KEY', value: 'x' } });
    expect([nobody.statusCode, nobody.json()['error']]).toEqual([401, 'admin auth required']);
  }
  expect(await gateway.db.globalSecret.count()).toBe(0);
});
