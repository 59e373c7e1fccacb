import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  CLOUD_START_MS,
  type Cloud,
  startEc2Cloud,
  startGcpCloud,
  startHetznerCloud,
} from '@holdfast/infra/testing/clouds/index';
import { testDatabase, type TestDatabase, waitFor } from '@holdfast/infra/testing/index';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { migrations } from '../src/database/migrations.ts';
import type { Timing } from '../src/timing.ts';
import { aProvision, clientOf } from './support/client.ts';
import { ENCRYPTION_KEY, startControlPlane, type TestControlPlane, tenants } from './support/control-plane.ts';
import { startProgram, urlIn } from './support/program.ts';

let clouds: Cloud[];
beforeAll(async () => {
  clouds = await Promise.all([startEc2Cloud(), startHetznerCloud(), startGcpCloud()]);
}, CLOUD_START_MS);
afterAll(() => Promise.all(clouds.map((cloud) => cloud.stop())));

let db: TestDatabase;
const planes: TestControlPlane[] = [];
beforeEach(async () => {
  db = await testDatabase();
});
afterEach(async () => {
  await Promise.all(planes.splice(0).map((plane) => plane.stop()));
  for (const cloud of clouds) cloud.faults.clear();
  await db.dispose();
});

async function startPlane(timing: Partial<Timing> = {}): Promise<TestControlPlane> {
  const plane = await startControlPlane({ databaseUrl: db.url, clouds, timing: { lookMs: 30, ...timing } });
  planes.push(plane);
  return plane;
}
const clientFor = ({ url }: { readonly url: string }) => clientOf(url, tenants.one);
const machinesOf = (boxId: string) =>
  clouds.flatMap((cloud) => cloud.machines()).filter(({ userData }) => userData.includes(boxId));
const rowOf = async ({ db: rows }: TestControlPlane, boxId: string) =>
  (
    await rows.rows<{ state: string; instance_id: string | null }>(
      'SELECT state, instance_id FROM control_plane.instances WHERE box_id = $1',
      [boxId],
    )
  )[0];

describe('a control plane that is killed while it makes an instance', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-control-plane-'));
    const { id, secret, adminToken } = tenants.one;
    const entry = { id, secrets: [secret], admin_token: adminToken, platform_url: 'http://127.0.0.1:1' };
    writeFileSync(path.join(folder, 'organisations.json'), JSON.stringify([entry]));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const environment = () => ({
    DATABASE_URL: db.url,
    SECRETS_ENCRYPTION_KEY: ENCRYPTION_KEY,
    HOLDFAST_OWNER: 'this-control-plane',
    CONTROL_PLANE_URL: 'http://127.0.0.1:1',
    CONTROL_PLANE_ORGANISATIONS: path.join(folder, 'organisations.json'),
    CONTROL_PLANE_PROVIDERS: 'aws,gcp,hetzner',
    PORT: '0',
    ...Object.assign({}, ...clouds.map(({ environment: own }) => own)),
  });

  test.each(['aws', 'hetzner'])('at %s finds it when it is asked again', async (provider) => {
    const first = startProgram(environment());
    const url = await waitFor(() => urlIn(first.said()), { timeoutMs: 60_000 });
    const body = aProvision({ provider });
    const cloud = clouds.find(({ name }) => name === provider);
    cloud?.faults.plan('create', 'hanging', 1);
    const lost = clientFor({ url })
      .provision(body)
      .catch(() => 'lost');
    await waitFor(() => machinesOf(body.box_id).length === 1);
    first.child.kill('SIGKILL');
    expect(await lost).toBe('lost');
    await first.ended;

    const second = startProgram(environment());
    const again = await waitFor(() => urlIn(second.said()), { timeoutMs: 60_000 });
    const { status, body: made } = await clientFor({ url: again }).provision(body);
    expect(status).toBe(201);
    expect(machinesOf(body.box_id)).toMatchObject([{ id: made['instance_id'] }]);
    second.child.kill('SIGTERM');
    expect(await second.ended).toBe(0);
  });
});

describe('an instance that came out after its attempt was over', () => {
  test('is found and written down, so that it can be ended', async () => {
    const plane = await startPlane({ attemptMs: 300 });
    const body = aProvision();
    clouds[1]?.faults.plan('create', 'late', 3);
    await clientFor(plane).provision(body);
    expect(machinesOf(body.box_id)).toEqual([]);
    await clouds[1]?.faults.release();
    await waitFor(async () => (await rowOf(plane, body.box_id))?.state === 'running');
    const { status } = await clientFor(plane).terminate(body.workspace_id, { box_id: body.box_id });
    expect([status, machinesOf(body.box_id)]).toEqual([200, []]);
  });

  test('is ended when its box was ended meanwhile', async () => {
    const plane = await startPlane({ attemptMs: 10_000 });
    const body = aProvision();
    clouds[1]?.faults.plan('create', 'late', 3);
    await clientFor(plane).provision(body);
    const ended = await clientFor(plane).terminate(body.workspace_id, { box_id: body.box_id });
    expect(ended).toMatchObject({ status: 202, body: { state: 'terminating' } });
    await clouds[1]?.faults.release();
    expect(machinesOf(body.box_id).length).toBeLessThanOrEqual(1);
    await waitFor(async () => (await rowOf(plane, body.box_id))?.state === 'gone');
    expect(machinesOf(body.box_id)).toEqual([]);
  });

  test('is ended even when its box had been taken for gone', async () => {
    const plane = await startPlane({ attemptMs: 200, strayMs: 100 });
    const body = aProvision();
    clouds[1]?.faults.plan('create', 'late', 3);
    await clientFor(plane).provision(body);
    await clientFor(plane).terminate(body.workspace_id, { box_id: body.box_id });
    await waitFor(async () => (await rowOf(plane, body.box_id))?.state === 'gone');
    await clouds[1]?.faults.release();
    await waitFor(() => machinesOf(body.box_id).length === 0);
    await waitFor(async () => (await rowOf(plane, body.box_id))?.state === 'gone');
  });

  test('is only told of when no row knows it', async () => {
    const plane = await startPlane({ strayMs: 100 });
    const body = aProvision();
    await clientFor(plane).provision(body);
    await plane.db.rows('DELETE FROM control_plane.instances WHERE box_id = $1', [body.box_id]);
    const [machine] = machinesOf(body.box_id);
    await waitFor(() => plane.logged().includes('have no row') && plane.logged().includes(machine?.id ?? '?'));
    expect(machinesOf(body.box_id)).toHaveLength(1);
  });

  test('is ended by whoever was making it', async () => {
    const plane = await startPlane();
    const body = aProvision();
    const making = clientFor(plane).provision(body);
    await waitFor(() => machinesOf(body.box_id).length === 1);
    const ended = await clientFor(plane).terminate(body.workspace_id, { box_id: body.box_id });
    expect(ended.status).toBeLessThan(300);
    await making;
    await waitFor(async () => (await rowOf(plane, body.box_id))?.state === 'gone');
    expect(machinesOf(body.box_id)).toEqual([]);
  });
});

describe('an instance that its cloud does not show yet', () => {
  test('is not taken for ended, and is ended once it shows', async () => {
    const plane = await startPlane({ visibleMs: 60_000, stopWaitMs: 50 });
    const client = clientFor(plane);
    const body = aProvision({ provider: 'gcp' });
    const instance = String((await client.provision(body)).body['instance_id']);
    clouds[2]?.faults.plan('look', 'hidden', 10_000);
    expect((await client.status(body.workspace_id, { instance_id: instance })).body).toEqual({ state: 'pending' });
    const { status } = await client.terminate(body.workspace_id, { instance_id: instance });
    expect([status, machinesOf(body.box_id).length]).toEqual([202, 1]);
    clouds[2]?.faults.clear();
    await waitFor(() => machinesOf(body.box_id).length === 0);
  });
});

describe('two control planes on one database', () => {
  test('make one instance of a box, whichever is asked', async () => {
    const [one, other] = await Promise.all([startPlane(), startPlane()]);
    for (const provider of ['aws', 'hetzner']) {
      const body = aProvision({ provider });
      const answers = await Promise.all([one, other, one, other].map((plane) => clientFor(plane).provision(body)));
      expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
      expect(machinesOf(body.box_id)).toHaveLength(1);
    }
  });

  test('end what the other has made, and what both are told to', async () => {
    const [one, other] = await Promise.all([startPlane(), startPlane()]);
    const body = aProvision();
    const instance = String((await clientFor(one).provision(body)).body['instance_id']);
    const ends = [one, other].map((plane) => clientFor(plane).terminate(body.workspace_id, { instance_id: instance }));
    expect((await Promise.all(ends)).map(({ body: { state } }) => state)).toEqual(['terminated', 'terminated']);
    expect(machinesOf(body.box_id)).toEqual([]);
  });

  test('finish what one of them began and could not', async () => {
    const one = await startPlane();
    const body = aProvision();
    const instance = String((await clientFor(one).provision(body)).body['instance_id']);
    clouds[1]?.faults.plan('end', 'unheard', 1_000);
    expect((await clientFor(one).terminate(body.workspace_id, { instance_id: instance })).status).toBe(502);
    await planes.splice(0)[0]?.stop();
    clouds[1]?.faults.clear();
    const other = await startPlane();
    await waitFor(async () => (await rowOf(other, body.box_id))?.state === 'gone');
    expect(machinesOf(body.box_id)).toEqual([]);
  });

  test('bring a database up to date together, once', async () => {
    const all = await Promise.all([startPlane(), startPlane(), startPlane()]);
    const applied = await all[0]?.db.rows('SELECT name FROM control_plane.migrations ORDER BY name');
    expect(applied).toEqual(migrations.map(({ name }) => ({ name })));
  });
});
