import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { anyFreePort } from '@holdfast/infra/process/ports';
import { type Cloud, CLOUD_START_MS, startEc2Cloud } from '@holdfast/infra/testing/clouds/index';
import { type TestDatabase, testDatabase, waitFor } from '@holdfast/infra/testing/index';
import {
  startControlPlane,
  type TestControlPlane,
  type TestTenant,
} from '@holdfast/infra/testing/system/control-plane';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addWorkspace, type TestGateway, testGateway } from './support/gateway.ts';
import { addRunning, eventsOf } from './support/given.ts';

let cloud: Cloud;
let database: TestDatabase;
let controlPlane: TestControlPlane;
let tenant: TestTenant;
let gateway: TestGateway;

beforeAll(async () => {
  [cloud, database] = await Promise.all([startEc2Cloud(), testDatabase()]);
  const port = await anyFreePort();
  const platforms = [`http://127.0.0.1:${port}`];
  controlPlane = await startControlPlane({ clouds: [cloud], databaseUrl: database.url, platforms });
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
  await gateway.app.listen(port, '127.0.0.1');
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

/** Asks for a machine as a worker does; returns its id. */
async function provision(workspaceId: string, boxId?: string): Promise<string> {
  const made = await fetch(`${controlPlane.url}/cp/workspaces/provision`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tenant.sharedSecret}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      workspace_id: workspaceId,
      runtime: 'reference',
      tier: 2,
      platform_url: 'http://127.0.0.1:9',
      env: {},
      ...(boxId === undefined ? {} : { box_id: boxId }),
    }),
  });
  return ((await made.json()) as { instance_id: string }).instance_id;
}

test('the console of a machine is what its cloud has of it', async () => {
  const id = await addWorkspace(database.database);
  const instanceId = await provision(id);
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

test.each([
  ['cuts the connection', null],
  ['answers what is no JSON', { status: 200, body: '<html>an address of somebody else</html>' }],
  ['says that this cloud gives out no console', { status: 501, body: '{"code":"CONSOLE_UNSUPPORTED"}' }],
])('a control plane that %s gives no console, and nothing of its own words', async (_, said) => {
  const server = createServer((_request, response) => {
    if (said === null) return void response.destroy();
    response.writeHead(said.status, { 'content-type': 'application/json' }).end(said.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = { MOLECULE_ORG_ID: 'acme', MOLECULE_CP_URL: url, MOLECULE_CP_SHARED_SECRET: 'a-secret-of-the-tests' };
  const other = await testGateway({ env });
  const answer = await other.call('GET', `/workspaces/${randomUUID()}/console`, {
    headers: { 'x-molecule-org-id': 'acme' },
  });
  expect([answer.statusCode, answer.json()]).toMatchObject([502, { code: 'CONSOLE_FAILED' }]);
  expect(answer.body).not.toMatch(/somebody else|CONSOLE_UNSUPPORTED/);
  await other.close();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

test('a machine that ends while it boots fails its workspace, with the end of its console', async () => {
  const columns = { status: 'provisioning', backend: 'control-plane', compute: { provider: 'aws' } } as const;
  const { id, boxId } = await addRunning(database.database, columns);
  const instanceId = await provision(id, boxId);
  cloud.say(instanceId, 'kernel panic\n');
  const kept = () => database.database.$queryRaw<unknown[]>`
    SELECT 1 FROM control_plane.instances WHERE box_id = ${boxId}::uuid AND crash_log IS NOT NULL`;
  await waitFor(async () => (await kept()).length === 1, { timeoutMs: 30_000, what: 'its console to be read' });
  await cloud.end(instanceId);
  const row = () => database.database.workspace.findUniqueOrThrow({ where: { id } });
  await waitFor(async () => (await row()).status === 'failed', { timeoutMs: 30_000, what: 'the report' });
  const { lastSampleError } = await row();
  expect(lastSampleError).toMatch(/the machine ended while it was booting[^]*kernel panic/);
  expect((await eventsOf(database.database, id)).map(([type]) => type)).toEqual(['WORKSPACE_PROVISION_FAILED']);
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
