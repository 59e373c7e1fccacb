import { randomUUID } from 'node:crypto';
import { type Cloud, CLOUD_START_MS, startEc2Cloud } from '@holdfast/infra/testing/clouds/index';
import { type TestDatabase, testDatabase } from '@holdfast/infra/testing/index';
import {
  startControlPlane,
  type TestControlPlane,
  type TestTenant,
} from '@holdfast/infra/testing/system/control-plane';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addWorkspace, type TestGateway, testGateway } from './support/gateway.ts';
import { addRunning } from './support/given.ts';

let cloud: Cloud;
let database: TestDatabase;
let controlPlane: TestControlPlane;
let tenant: TestTenant;
let gateway: TestGateway;

beforeAll(async () => {
  [cloud, database] = await Promise.all([startEc2Cloud(), testDatabase()]);
  controlPlane = await startControlPlane({ clouds: [cloud], databaseUrl: database.url });
  const [only] = controlPlane.tenants;
  if (!only) throw new Error('no tenant');
  tenant = only;
  gateway = await testGateway({
    database,
    env: {
      MOLECULE_ORG_ID: tenant.orgId,
      MOLECULE_ORG_SLUG: 'acme',
      MOLECULE_CP_URL: controlPlane.url,
      MOLECULE_CP_SHARED_SECRET: tenant.sharedSecret,
      CP_UPSTREAM_URL: controlPlane.url,
      ADMIN_TOKEN: tenant.adminToken,
    },
  });
}, CLOUD_START_MS);
afterAll(async () => {
  await gateway.close();
  await controlPlane.stop();
  await cloud.stop();
  await database.dispose();
});

const asAdmin = (headers: Record<string, string> = { 'x-molecule-org-id': tenant.orgId }) => ({
  token: tenant.adminToken,
  headers,
});

test('the console of a machine is what its cloud has of it', async () => {
  const id = await addWorkspace(database.database);
  const made = await fetch(`${controlPlane.url}/cp/workspaces/provision`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tenant.sharedSecret}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      workspace_id: id,
      runtime: 'reference',
      tier: 2,
      platform_url: 'http://127.0.0.1:9',
      env: {},
    }),
  });
  const { instance_id: instanceId } = (await made.json()) as { instance_id: string };
  await database.database.workspace.update({ where: { id }, data: { instanceId } });
  cloud.say(instanceId, 'the kernel has booted\n');
  const answer = await gateway.call('GET', `/workspaces/${id}/console`, asAdmin());
  expect([answer.statusCode, answer.json()]).toEqual([200, { output: 'the kernel has booted\n' }]);
});

test('a console that the control plane cannot give is its failure', async () => {
  const answer = await gateway.call('GET', `/workspaces/${randomUUID()}/console`, asAdmin());
  expect([answer.statusCode, answer.json()]).toEqual([
    502,
    expect.objectContaining({
      error: 'control plane returned an error fetching console output',
      code: 'CONSOLE_FAILED',
    }),
  ]);
});

test('fifty callers of a switch reach no cloud and no control plane: what is to be stopped is its operation’s to stop', async () => {
  const { id, boxId } = await addRunning(database.database, {
    backend: 'control-plane',
    host: 'clouds',
    compute: { provider: 'aws' },
  });
  await database.database.backend.create({ data: { host: 'clouds', kind: 'control-plane' } });
  const changes = () => cloud.requests.filter(({ operation }) => operation === 'create' || operation === 'end').length;
  const [before, machines] = [changes(), cloud.machines().length];
  const calls = await database.database.$queryRaw`SELECT count(*)::int AS of FROM control_plane.instances`;
  const body = { provider: 'hetzner' };
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => gateway.call('POST', `/workspaces/${id}/switch-provider`, { ...asAdmin(), body })),
  );
  expect(answers.filter(({ statusCode }) => statusCode === 202)).toHaveLength(1);
  expect(answers.filter(({ statusCode }) => statusCode === 409)).toHaveLength(49);
  expect([changes(), cloud.machines().length]).toEqual([before, machines]);
  expect(await database.database.$queryRaw`SELECT count(*)::int AS of FROM control_plane.instances`).toEqual(calls);
  expect(await database.database.box.findUnique({ where: { id: boxId } })).toMatchObject({ state: 'running' });
});

test('whom the control plane does not know as a member is nobody here', async () => {
  const headers = { cookie: 'session=of-somebody', 'x-molecule-org-id': tenant.orgId };
  const answer = await gateway.call('GET', '/operations', { token: null, headers });
  expect(answer.statusCode).toBe(401);
});

test('a request for another tenant finds nothing, with whatever credential', async () => {
  for (const headers of [{}, { 'x-molecule-org-id': 'another' }] as Record<string, string>[]) {
    const answer = await gateway.call('GET', '/operations', asAdmin(headers));
    expect([answer.statusCode, answer.body]).toEqual([404, '']);
  }
  expect((await gateway.call('GET', '/operations', asAdmin())).statusCode).toBe(200);
  const agents = await gateway.call('POST', '/registry/heartbeat', { token: null, body: {}, headers: {} });
  expect(agents.statusCode).not.toBe(404);
});
