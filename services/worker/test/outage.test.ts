import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { superviseLoop } from '@holdfast/activities/loop/supervised-loop';
import { startPostgres } from '@holdfast/infra/postgres/server';
import { anyFreePort } from '@holdfast/infra/process/ports';
import { findTemporal } from '@holdfast/infra/temporal/program';
import { startTemporal } from '@holdfast/infra/temporal/server';
import { waitFor } from '@holdfast/infra/testing/index';
import { applyMigrations } from '@holdfast/prisma/migration/migrations';
import { ended, givenWorkspace, whenDeleted } from './support/given.ts';
import { eventsOf, ledgerIsReality, startWorld, type World } from './support/world.ts';

// Open to the user that Postgres runs as.
const folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-outage-'));
chmodSync(folder, 0o755);

let postgresPort: number;
let temporalPort: number;
const postgres = () =>
  startPostgres({ directory: path.join(folder, 'postgres'), port: postgresPort, settings: { fsync: 'off' } });
const temporal = async () =>
  startTemporal({
    program: await findTemporal(),
    directory: path.join(folder, 'temporal'),
    port: temporalPort,
  });
let servers: { postgres: Awaited<ReturnType<typeof postgres>>; temporal: Awaited<ReturnType<typeof temporal>> };
let world: World;
const stopping = new AbortController();
let loops: Promise<unknown>;

beforeAll(async () => {
  [postgresPort, temporalPort] = [await anyFreePort(), await anyFreePort()];
  servers = { postgres: await postgres(), temporal: await temporal() };
  await applyMigrations(servers.postgres.url('postgres'));
  world = await startWorld({
    servers: { databaseUrl: servers.postgres.url('postgres'), temporalAddress: servers.temporal.address },
    startMs: 60_000,
    deadlineMs: 60_000,
  });
  const { dispatch, checkReality, finishOwed } = world.rig;
  // What fails while a server is away is tried again; that is what is proven here.
  const loop = (name: string, periodMs: number, work: () => Promise<unknown>): Promise<void> =>
    superviseLoop(
      { name, periodMs, tick: async () => void (await work()), onFailure: () => undefined },
      stopping.signal,
    );
  loops = Promise.all([
    loop('dispatcher', 300, dispatch),
    loop('reality', 1_000, checkReality),
    loop('owed', 500, finishOwed),
  ]);
}, 120_000);
afterAll(async () => {
  stopping.abort();
  await loops;
  await world?.[Symbol.asyncDispose]();
  await Promise.allSettled([servers?.postgres.stop(), servers?.temporal.stop()]);
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const db = () => world.rig.db;
/** A request's poke is sent behind the answer, and may fail. */
const poke = (id: string): void => void world.rig.poker.poke(id).catch(() => undefined);

/** Provisions that have got as far as they have when the first is online, and as many deletes of what was online before. */
async function inTheMiddle(): Promise<{ created: string[]; deleted: string[]; operations: string[] }> {
  const online = await Promise.all(Array.from({ length: 5 }, () => givenWorkspace(db())));
  for (const { id } of online) poke(id);
  for (const { operationId } of online) expect(await ended(db(), operationId)).toBe('succeeded');
  const created = await Promise.all(Array.from({ length: 8 }, () => givenWorkspace(db())));
  const deletions = await Promise.all(online.map(({ id }) => whenDeleted(db(), id)));
  for (const { id } of [...created, ...online]) poke(id);
  const some = { id: { in: created.map(({ operationId }) => operationId) }, state: 'running' as const };
  await waitFor(async () => (await db().operation.count({ where: some })) > 0, { what: 'an operation that runs' });
  return {
    created: created.map(({ id }) => id),
    deleted: online.map(({ id }) => id),
    operations: [...created.map(({ operationId }) => operationId), ...deletions],
  };
}

async function allWentWell({ created, deleted, operations }: Awaited<ReturnType<typeof inTheMiddle>>): Promise<void> {
  for (const operation of operations) expect(await ended(db(), operation, 120_000)).toBe('succeeded');
  await ledgerIsReality(world, [...created, ...deleted]);
  for (const id of created) {
    expect(await db().workspace.findUniqueOrThrow({ where: { id } })).toMatchObject({
      status: 'online',
      operationId: null,
    });
    expect(await eventsOf(world.rig, id)).toEqual(['WORKSPACE_PROVISIONING', 'WORKSPACE_ONLINE']);
  }
  for (const id of deleted) {
    expect(await db().workspace.findUniqueOrThrow({ where: { id } })).toMatchObject({
      status: 'removed',
      operationId: null,
    });
    expect(await eventsOf(world.rig, id)).toEqual(['WORKSPACE_PROVISIONING', 'WORKSPACE_ONLINE', 'WORKSPACE_REMOVED']);
  }
}

test('a restart of Postgres in the middle loses no operation and repeats no event', { timeout: 240_000 }, async () => {
  const going = await inTheMiddle();
  await servers.postgres.stop();
  await expect(db().$queryRaw`SELECT 1`).rejects.toThrow();
  servers.postgres = await postgres();
  await allWentWell(going);
});

test('a restart of Temporal in the middle loses no operation and repeats no event', { timeout: 240_000 }, async () => {
  const going = await inTheMiddle();
  await servers.temporal.stop();
  // What is asked for while it is away is accepted, and done once it is back.
  const meanwhile = await givenWorkspace(db());
  poke(meanwhile.id);
  servers.temporal = await temporal();
  await allWentWell({
    ...going,
    created: [...going.created, meanwhile.id],
    operations: [...going.operations, meanwhile.operationId],
  });
});
