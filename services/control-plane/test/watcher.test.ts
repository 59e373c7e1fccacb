import { type Cloud, startGcpCloud, startHetznerCloud, startSimulator } from '@holdfast/infra/testing/clouds/index';
import { testDatabase, type TestDatabase, waitFor } from '@holdfast/infra/testing/index';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Timing } from '../src/timing.ts';
import { aProvision, type Client, clientOf } from './support/client.ts';
import { startControlPlane, type TestControlPlane, tenants } from './support/control-plane.ts';
import { type Platform, startPlatform } from './support/platform.ts';

let gcp: Cloud;
let hetzner: Cloud;
beforeAll(async () => {
  [gcp, hetzner] = await Promise.all([startGcpCloud(), startHetznerCloud()]);
});
afterAll(() => Promise.all([gcp.stop(), hetzner.stop()]));

let db: TestDatabase;
let platform: Platform;
let planes: TestControlPlane[] = [];
beforeEach(async () => {
  [db, platform] = await Promise.all([testDatabase(), startPlatform()]);
});
afterEach(async () => {
  await Promise.all(planes.splice(0).map((plane) => plane.stop()));
  await platform.stop();
  await db.dispose();
});

async function startPlane(timing: Partial<Timing> = {}): Promise<{ plane: TestControlPlane; client: Client }> {
  const plane = await startControlPlane({
    databaseUrl: db.url,
    clouds: [gcp, hetzner],
    platformUrl: platform.url,
    timing: { lookMs: 30, ...timing },
  });
  planes.push(plane);
  return { plane, client: clientOf(plane.url, tenants.one) };
}

const watchOf = async ({ db: rows }: TestControlPlane, boxId: string): Promise<string | undefined> =>
  (await rows.rows<{ watch: string }>('SELECT watch FROM control_plane.instances WHERE box_id = $1', [boxId]))[0]
    ?.watch;
const becomes = (plane: TestControlPlane, boxId: string, watch: string) =>
  waitFor(async () => (await watchOf(plane, boxId)) === watch, { timeoutMs: 30_000, what: `watch "${watch}"` });

describe('the boot watcher', () => {
  test('reports a machine that ended while it booted, once, with the end of its console', async () => {
    const { plane, client } = await startPlane();
    const body = aProvision({ provider: 'gcp' });
    const instance = String((await client.provision(body)).body['instance_id']);
    gcp.say(instance, `${'x'.repeat(20_000)}\nkernel panic\n`);
    const isKept = `SELECT 1 FROM control_plane.instances WHERE box_id = $1 AND crash_log IS NOT NULL`;
    await waitFor(async () => (await plane.db.rows(isKept, [body.box_id])).length === 1);
    await gcp.end(instance);
    await becomes(plane, body.box_id, 'reported');
    expect(platform.reports()).toHaveLength(1);
    const [report] = platform.reports();
    expect(report).toMatchObject({
      route: `/admin/workspaces/${body.workspace_id}/bootstrap-failed`,
      headers: { authorization: `Bearer ${tenants.one.adminToken}`, 'x-molecule-org-id': tenants.one.id },
      body: { error: 'bootstrap failed: the machine ended while it was booting', box_id: body.box_id },
    });
    expect(String(report?.body['log_tail'])).toHaveLength(8_192);
  });

  test.each(['gcp', 'hetzner'])('reports an agent at %s that did not start, with what it said', async (provider) => {
    const { plane, client } = await startPlane();
    await using _simulator = startSimulator([gcp, hetzner]);
    const body = aProvision({
      provider,
      platform_url: platform.url,
      env: { AGENT_PORT: '-1', HOLDFAST_BEAT_SECONDS: '-1' },
    });
    await client.provision(body);
    await becomes(plane, body.box_id, 'reported');
    expect(platform.reports()).toHaveLength(1);
    expect(platform.reports()[0]?.body['log_tail']).toContain('boot failed: the agent ended with code 1');
  });

  test('tries again until the platform has heard it, and then never more', async () => {
    platform.reportAnswers.push(503, 'cut', 500);
    const { plane, client } = await startPlane();
    const body = aProvision({ provider: 'gcp' });
    await gcp.end(String((await client.provision(body)).body['instance_id']));
    await becomes(plane, body.box_id, 'reported');
    expect(platform.reports().map(({ body: told }) => told['box_id'])).toEqual(
      Array.from({ length: 4 }, () => body.box_id),
    );
  });

  test('gives up on a platform that never hears it, and says so', async () => {
    platform.reportAnswers.push(...Array.from({ length: 50 }, () => 503));
    const { plane, client } = await startPlane({ mostReports: 3 });
    const body = aProvision({ provider: 'gcp' });
    await gcp.end(String((await client.provision(body)).body['instance_id']));
    await becomes(plane, body.box_id, 'unreported');
    expect(platform.reports()).toHaveLength(3);
    expect(plane.logged()).toContain('a failed boot could not be reported');
  });

  test('does not repeat what the platform refuses', async () => {
    platform.reportAnswers.push(404);
    const { plane, client } = await startPlane();
    const body = aProvision({ provider: 'gcp' });
    await gcp.end(String((await client.provision(body)).body['instance_id']));
    await becomes(plane, body.box_id, 'unreported');
    expect(platform.reports()).toHaveLength(1);
  });

  test('reports a machine that never fetched its environment, when its time is over', async () => {
    const { plane, client } = await startPlane();
    const body = aProvision({ provider: 'hetzner', boot_timeout_seconds: 1 });
    await client.provision(body);
    await becomes(plane, body.box_id, 'reported');
    expect(platform.reports()[0]?.body).toMatchObject({
      error: 'bootstrap failed: the machine never fetched its environment',
      log_tail: '',
    });
  });

  test('leaves a machine that has booted to its platform', async () => {
    const { plane, client } = await startPlane();
    await using _simulator = startSimulator([gcp]);
    const booting = { provider: 'gcp', platform_url: platform.url, boot_timeout_seconds: 12 } as const;
    const [booted, crashed] = [aProvision(booting), aProvision(booting)];
    const instance = String((await client.provision(booted)).body['instance_id']);
    await becomes(plane, booted.box_id, 'over');
    await gcp.end(instance);
    // By the time of a report of the next one, one of the first would be there.
    await gcp.end(String((await client.provision(crashed)).body['instance_id']));
    await becomes(plane, crashed.box_id, 'reported');
    expect(platform.reports().map(({ body }) => body['box_id'])).toEqual([crashed.box_id]);
  });

  test('says nothing of a machine that was to end', async () => {
    const { plane, client } = await startPlane();
    const [ended, crashed] = [aProvision({ provider: 'gcp' }), aProvision({ provider: 'gcp' })];
    await client.provision(ended);
    await client.terminate(ended.workspace_id, { box_id: ended.box_id });
    await gcp.end(String((await client.provision(crashed)).body['instance_id']));
    await becomes(plane, crashed.box_id, 'reported');
    expect(platform.reports().map(({ body }) => body['box_id'])).toEqual([crashed.box_id]);
  });

  test('of two control planes on one database reports each machine once', async () => {
    const [{ plane, client }] = await Promise.all([startPlane(), startPlane()]);
    const bodies = Array.from({ length: 8 }, () => aProvision({ provider: 'gcp' }));
    await Promise.all(bodies.map(async (body) => gcp.end(String((await client.provision(body)).body['instance_id']))));
    await Promise.all(bodies.map(({ box_id: boxId }) => becomes(plane, boxId, 'reported')));
    const told = platform.reports().map(({ body }) => body['box_id']);
    expect(told).toHaveLength(bodies.length);
    expect(new Set(told)).toEqual(new Set(bodies.map(({ box_id: boxId }) => boxId)));
  });

  test('goes on when a cloud does not answer, and when one row is more than it can read', async () => {
    const { plane, client } = await startPlane();
    const [broken, whole] = [aProvision({ provider: 'gcp' }), aProvision({ provider: 'gcp' })];
    for (const body of [broken, whole]) await client.provision(body);
    await plane.db.rows(
      `UPDATE control_plane.instances SET watch = 'crashed', crash_error = 'x', crash_log = '\\x00' WHERE box_id = $1`,
      [broken.box_id],
    );
    gcp.faults.plan('look', 'unavailable', 30);
    await gcp.end(`holdfast-${whole.box_id}`);
    await becomes(plane, whole.box_id, 'reported');
    gcp.faults.clear();
    expect(await watchOf(plane, broken.box_id)).toBe('crashed');
  });
});
