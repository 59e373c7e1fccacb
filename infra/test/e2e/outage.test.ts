import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyMigrations } from '@holdfast/prisma/migration/migrations';
import { ensureDatabase } from '@holdfast/prisma/migration/databases';
import { type Database, openDatabase } from '@holdfast/prisma';
import { type PostgresServer, startPostgres } from '../../src/postgres/server.ts';
import { anyFreePort } from '../../src/process/ports.ts';
import { waitFor } from '../../src/process/wait-for.ts';
import { findTemporal } from '../../src/temporal/program.ts';
import { startTemporal, type TemporalServer } from '../../src/temporal/server.ts';
import { System } from '../../src/testing/system/system.ts';
import {
  createWorkspace,
  disagreements,
  reference,
  untilSettled,
  untilStatus,
} from '../../src/testing/system/workspaces.ts';

// Servers of this file's own, which it may take down.
const directory = mkdtempSync(path.join(os.tmpdir(), 'holdfast-outage-'));
// Postgres gives up root, and must still get in.
chmodSync(directory, 0o755);
let postgres: PostgresServer;
let temporal: TemporalServer;
let database: Database;
let system: System;
const ports = { postgres: 0, temporal: 0 };

const startDatabase = () =>
  startPostgres({
    directory: path.join(directory, 'postgres'),
    port: ports.postgres,
    settings: { max_connections: '100' },
  });
const startFrontend = async () =>
  startTemporal({ program: await findTemporal(), directory: path.join(directory, 'temporal'), port: ports.temporal });

beforeAll(async () => {
  ports.postgres = await anyFreePort();
  ports.temporal = await anyFreePort();
  [postgres, temporal] = await Promise.all([startDatabase(), startFrontend()]);
  const url = postgres.url('holdfast');
  await ensureDatabase(url);
  await applyMigrations(url);
  database = openDatabase(url, { connections: 4 });
  system = await System.start({
    backend: 'process',
    workers: 1,
    gateways: 1,
    database,
    databaseUrl: url,
    temporalAddress: temporal.address,
  });
}, 180_000);
afterAll(async () => {
  await system?.stop();
  await database?.$disconnect();
  await Promise.all([postgres?.stop(), temporal?.stop()]);
  rmSync(directory, { recursive: true, force: true });
});

describe('Temporal down', () => {
  test('a create is accepted all the same, and comes online when Temporal is back', async () => {
    await temporal.stop();
    const { status, body } = await system.api().call('POST', '/workspaces', { body: reference('without-temporal') });
    expect(status).toBe(201);
    temporal = await startFrontend();
    await untilStatus(system, String(body['id']), 'online', 90_000);
  }, 180_000);

  test('a create that is under way survives a restart of Temporal', async () => {
    const id = await createWorkspace(system, 'through-temporal');
    await temporal.stop();
    temporal = await startFrontend();
    await untilStatus(system, id, 'online', 90_000);
  }, 180_000);
});

describe('Postgres down', () => {
  test('every request gets the documented 503, and the gateway comes back by itself', async () => {
    await postgres.stop();
    const answers = await Promise.all([
      system.api().call('GET', '/workspaces'),
      system.api().call('POST', '/workspaces', { body: reference('never') }),
    ]);
    for (const { status, body } of answers) {
      expect({ status, body }).toMatchObject({
        status: 503,
        body: { error: 'platform datastore unavailable — retry shortly', code: 'platform_unavailable' },
      });
    }
    expect((await system.api().call('GET', '/health', { token: null })).status).toBe(200);
    postgres = await startDatabase();
    await waitFor(async () => (await system.api().call('GET', '/workspaces')).status === 200, { timeoutMs: 30_000 });
    expect(await database.workspace.count({ where: { name: 'never' } })).toBe(0);
  });

  test('a create that is under way survives a restart of Postgres', async () => {
    const id = await createWorkspace(system, 'through-postgres');
    await postgres.stop();
    postgres = await startDatabase();
    await untilStatus(system, id, 'online', 90_000);
    await untilSettled(system, 90_000);
    expect(await disagreements(system)).toEqual([]);
  }, 180_000);
});
