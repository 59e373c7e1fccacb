import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type TestDatabase, testDatabase, waitFor } from '@holdfast/infra/testing/index';
import { anyFreePort } from '@holdfast/infra/process/ports';
import { addOperationOf } from './support/operation.ts';
import { type GatewayProcess, startGateway } from './support/process.ts';

// Each test boots whole processes, on a machine that may be busy with other test files.
vi.setConfig({ testTimeout: 120_000 });

let db: TestDatabase;
const started: GatewayProcess[] = [];
const start = (environment: Record<string, string> = {}) => {
  const gateway = startGateway({ DATABASE_URL: db.url, ...environment });
  started.push(gateway);
  return gateway;
};

beforeAll(async () => {
  db = await testDatabase();
});
afterEach(async () => {
  for (const { child, ended } of started.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
});
afterAll(() => db.dispose());

test('lists all mistakes of its environment and ends', async () => {
  const gateway = start({ DATABASE_URL: 'nonsense', PORT: 'nonsense', SECRETS_ENCRYPTION_KEY: '' });
  expect(await gateway.ended).toBe(1);
  expect(gateway.output()).toMatch(
    /^The gateway cannot start:\n {2}DATABASE_URL .*\n {2}SECRETS_ENCRYPTION_KEY .*\n {2}PORT .*\n$/,
  );
});

test('says in one sentence that its port is taken', async () => {
  const port = new URL(await start({ ADMIN_TOKEN: 'x' }).url()).port;
  const second = start({ ADMIN_TOKEN: 'x', PORT: port });
  expect(await second.ended).toBe(1);
  expect(second.output()).toContain(
    `The gateway cannot listen on 127.0.0.1:${port}: the port is taken; set PORT to a free one.`,
  );
});

test('prints an admin token at the first boot, once, and not into its log', async () => {
  const first = start();
  const token = await waitFor(() => /shown this once: (\S{43})/.exec(first.output())?.[1], { timeoutMs: 100_000 });
  const call = async (gateway: GatewayProcess) =>
    (await fetch(`${await gateway.url()}/operations`, { headers: { authorization: `Bearer ${token}` } })).status;
  expect(await call(first)).toBe(200);
  const second = start();
  expect(await call(second)).toBe(200);
  expect(second.output()).not.toContain('Admin token');
  expect(
    first
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{') && line.includes(token)),
  ).toEqual([]);
});

test('ends at SIGTERM within seconds although a stream is open, and finishes what is under way', async () => {
  const gateway = start({ ADMIN_TOKEN: 'x' });
  const url = await gateway.url();
  const headers = { authorization: 'Bearer x' };
  const { operationId, workspaceId } = await addOperationOf(db.database);
  const stream = await fetch(`${url}/operations/${operationId}/events`, { headers });
  // A delete that waits for an operation nobody carries out.
  const waiting = fetch(`${url}/workspaces/${workspaceId}`, { method: 'DELETE', headers });
  await waitFor(async () => (await db.database.operation.count({ where: { workspaceId, kind: 'delete' } })) === 1);
  gateway.child.kill('SIGTERM');
  expect(await stream.text()).toContain(': ping');
  await db.database.operation.updateMany({ where: { workspaceId, kind: 'delete' }, data: { state: 'succeeded' } });
  expect((await waiting).status).toBe(200);
  expect(await gateway.ended).toBe(0);
});

test('listens on every address it is told, and serves metrics on one of their own', async () => {
  const metricsPort = await anyFreePort();
  const gateway = start({
    ADMIN_TOKEN: 'x',
    HOLDFAST_LISTEN: '127.0.0.1,127.0.0.2',
    METRICS_LISTEN: `127.0.0.1:${metricsPort}`,
  });
  const { port } = new URL(await gateway.url());
  for (const host of ['127.0.0.1', '127.0.0.2'])
    expect((await fetch(`http://${host}:${port}/health`)).status).toBe(200);
  const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  expect(metrics).toContain('molecule_http_requests_total{method="GET",path="/health",status="200"} 2');
  expect((await fetch(`http://127.0.0.1:${metricsPort}/workspaces`)).status).toBe(404);
  gateway.child.kill('SIGTERM');
  expect(await gateway.ended).toBe(0);
});

test('survives what is no HTTP', async () => {
  const gateway = start({ ADMIN_TOKEN: 'x' });
  const { port } = new URL(await gateway.url());
  for (const bytes of [
    'nonsense\r\n\r\n',
    'GET / HTTP/9\r\n\r\n',
    `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    'POST /workspaces HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nAuthorization: Bearer x\r\n\r\n{',
  ]) {
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => {});
    socket.end(bytes);
    await new Promise((resolve) => socket.on('close', resolve).resume());
  }
  expect((await fetch(`${await gateway.url()}/health`)).status).toBe(200);
});
