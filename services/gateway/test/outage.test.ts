import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPoker } from '@holdfast/activities/operation/poke';
import { newToken } from '@holdfast/activities/token/tokens';
import { startPostgres } from '@holdfast/infra/postgres/server';
import { anyFreePort } from '@holdfast/infra/process/ports';
import { findTemporal } from '@holdfast/infra/temporal/program';
import { startTemporal } from '@holdfast/infra/temporal/server';
import { waitFor } from '@holdfast/infra/testing/index';
import { openDatabase } from '@holdfast/prisma';
import { applyMigrations } from '@holdfast/prisma/migration/migrations';
import { loopsNamespace, operationsNamespace, operationsQueue } from '@holdfast/workflows/operation/operation';
import { openTemporal } from '../src/core/temporal.ts';
import { Notifications } from '../src/database/notifications.ts';
import { addWorkspace, addWorkspaceToken, type TestGateway, testGateway } from './support/gateway.ts';

// Open to the user that Postgres runs as.
const folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-outage-'));
chmodSync(folder, 0o755);
const unavailable = {
  error: 'platform datastore unavailable — retry shortly',
  code: 'platform_unavailable',
  status: 503,
};

let port: number;
let temporalPort: number;
let temporal: ReturnType<typeof openTemporal>;
let gateway: TestGateway;
const postgres = () => startPostgres({ directory: path.join(folder, 'pg'), port, settings: { fsync: 'off' } });
let server: Awaited<ReturnType<typeof postgres>> | undefined;

beforeAll(async () => {
  [port, temporalPort] = [await anyFreePort(), await anyFreePort()];
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
  const database = openDatabase(url, { connections: 4 });
  temporal = openTemporal(`127.0.0.1:${temporalPort}`, { operations: operationsNamespace, loops: loopsNamespace });
  const poker = createPoker(temporal.client, database, { taskQueue: operationsQueue, workflowTaskTimeoutMs: 2_000 });
  gateway = await testGateway({ database: { url, database }, temporal: temporal.ping, poker });
  // A fleet's gateway listens for notifications from the start.
  await gateway.server.listen({ port: 0 });
});
afterAll(async () => {
  await gateway.app.close();
  await Promise.allSettled([gateway.db.$disconnect(), temporal.close(), server?.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

const ready = async () =>
  (await gateway.call('GET', '/ready', { token: null })).json<{ database: string; temporal: string }>();

test('starts without Postgres: probes answer, everything else is 503 and says nothing of the driver', async () => {
  expect((await gateway.call('GET', '/health', { token: null })).statusCode).toBe(200);
  expect(await ready()).toMatchObject({ status: 'unavailable', database: 'down', temporal: 'down' });
  const calls = [
    ['GET', '/workspaces'],
    ['POST', '/workspaces', { name: 'x' }],
    ['GET', '/operations'],
    ['GET', '/admin/liveness'],
  ] as const;
  for (const [method, url, body] of calls) {
    const answer = await gateway.call(method, url, { body });
    expect(answer.json()).toMatchObject(unavailable);
    expect(answer.body).not.toMatch(/ECONNREFUSED|127\.0\.0\.1|prisma/i);
  }
  expect((await gateway.call('GET', '/workspaces', { token: newToken() })).json()).toMatchObject(unavailable);
});

test('recovers by itself when Postgres comes, and accepts work while Temporal is down', async () => {
  server = await postgres();
  await applyMigrations(server.url('postgres'));
  await waitFor(async () => (await gateway.call('GET', '/workspaces')).statusCode === 200);
  await waitFor(() => gateway.app.get(Notifications).listening);
  const before = performance.now();
  const answer = await gateway.call('POST', '/workspaces', { body: { name: 'accepted' } });
  expect(answer.statusCode).toBe(201);
  expect(performance.now() - before).toBeLessThan(12_000);
  expect(await ready()).toMatchObject({ status: 'ready', database: 'up', temporal: 'down' });
});

test('goes through a restart of Postgres: 503 meanwhile, then as before, with tokens looked up anew', async () => {
  const id = await addWorkspace(gateway.db);
  const token = await addWorkspaceToken(gateway.db, id);
  const call = async () => (await gateway.call('GET', `/workspaces/${id}/operations`, { token })).statusCode;
  expect(await call()).toBe(200);
  await server?.stop();
  await waitFor(() => !gateway.app.get(Notifications).listening);
  expect(await call()).toBe(503);
  expect((await gateway.call('DELETE', `/workspaces/${id}`)).json()).toMatchObject(unavailable);
  server = await postgres();
  await waitFor(async () => (await call()) === 200);
  await waitFor(() => gateway.app.get(Notifications).listening);
  expect((await gateway.db.workspace.findUniqueOrThrow({ where: { id } })).status).toBe('online');
});

test('finds Temporal when it comes', async () => {
  const program = await findTemporal();
  const running = await startTemporal({
    program,
    directory: path.join(folder, 'temporal'),
    port: temporalPort,
  });
  try {
    await waitFor(async () => (await ready()).temporal === 'up', { timeoutMs: 30_000 });
  } finally {
    await running.stop();
  }
  await waitFor(async () => (await ready()).temporal === 'down', { timeoutMs: 30_000 });
});
