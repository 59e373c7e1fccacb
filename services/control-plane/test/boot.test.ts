import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  CLOUD_START_MS,
  type Cloud,
  type Simulator,
  startEc2Cloud,
  startGcpCloud,
  startHetznerCloud,
  startSimulator,
} from '@holdfast/infra/testing/clouds/index';
import { testDatabase, type TestDatabase, waitFor } from '@holdfast/infra/testing/index';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aProvision, type Client, clientOf } from './support/client.ts';
import { startControlPlane, type TestControlPlane, tenants } from './support/control-plane.ts';
import { type Platform, startPlatform } from './support/platform.ts';

let db: TestDatabase;
let clouds: Cloud[];
let platform: Platform;
let plane: TestControlPlane;
let client: Client;
beforeAll(async () => {
  [db, platform, ...clouds] = await Promise.all([
    testDatabase(),
    startPlatform(),
    startEc2Cloud(),
    startHetznerCloud(),
    startGcpCloud(),
  ]);
  plane = await startControlPlane({ databaseUrl: db.url, clouds, loops: false });
  client = clientOf(plane.url, tenants.one);
}, CLOUD_START_MS);
afterAll(async () => {
  await plane.stop();
  await Promise.all([platform.stop(), ...clouds.map((cloud) => cloud.stop())]);
  await db.dispose();
});

const bootOf = (boxId: string) => {
  const [machine] = clouds.flatMap((cloud) => cloud.machines()).filter(({ userData }) => userData.includes(boxId));
  const value = (name: string) => new RegExp(`^${name}='(.*)'$`, 'm').exec(machine?.userData ?? '')?.[1] ?? '';
  return { url: value('BOOT_URL'), nonce: value('BOOT_NONCE') };
};
const fetchBoot = async (url: string, nonce: string, headers: Readonly<Record<string, string>> = {}) => {
  const response = await fetch(url, { method: 'POST', headers: { 'x-holdfast-nonce': nonce, ...headers } });
  return { status: response.status, text: await response.text() };
};

describe('a machine', () => {
  let simulator: Simulator;
  beforeAll(() => {
    simulator = startSimulator(clouds);
  });
  afterAll(() => simulator.stop());

  test.each(['aws', 'hetzner', 'gcp'])(
    'at %s boots from its nonce alone, its agent registers where it is told, and ends with it',
    async (provider) => {
      const config = Buffer.from('name: a-workspace\n').toString('base64');
      const body = aProvision({
        provider,
        platform_url: platform.url,
        env: { HOLDFAST_NONCE: 'for-the-register', MOLECULE_AGENT_ROLE: 'a role with "quotes" and\nlines' },
        config_files: { 'config.yaml': config },
      });
      const { body: made } = await client.provision(body);
      const [id, address] = [String(made['instance_id']), String(made['private_ip'])];
      await waitFor(() => platform.registered(body.workspace_id), { timeoutMs: 60_000 });
      const register = platform.calls.find(({ body: told }) => told['id'] === body.workspace_id);
      expect(register).toMatchObject({
        headers: { 'x-holdfast-nonce': 'for-the-register' },
        body: { url: `http://${address}:8000`, agent_card: { description: 'a role with "quotes" and\nlines' } },
      });
      expect(await (await fetch(`http://${address}:8000/health`)).json()).toMatchObject({ status: 'ok' });
      const pid = simulator.on(id)?.pid() ?? 0;
      expect((await client.terminate(body.workspace_id, { instance_id: id })).status).toBe(200);
      await waitFor(() => !isAlive(pid));
      await expect(fetch(`http://${address}:8000/health`)).rejects.toThrow();
    },
  );

  test('whose agent does not start says so on its console and to the control plane', async () => {
    const body = aProvision({ provider: 'gcp', platform_url: platform.url, env: { HOLDFAST_BEAT_SECONDS: 'never' } });
    await client.provision(body);
    const row = await waitFor(async () => {
      const [found] = await plane.db.rows<{ watch: string }>(
        `SELECT watch FROM control_plane.instances WHERE box_id = $1 AND watch = 'crashed'`,
        [body.box_id],
      );
      return found;
    });
    expect(row.watch).toBe('crashed');
    expect((await client.console(body.workspace_id)).body['output']).toMatch(
      /HOLDFAST_BEAT_SECONDS must be.*\nholdfast: boot failed: the agent ended with code 1/s,
    );
  });
});

describe('an environment', () => {
  test('is given out once, whole, and is erased with that', async () => {
    const body = aProvision({ env: { API_KEY: 'a-key', WORKSPACE_ID: 'mine-wins' } });
    await client.provision(body);
    const { url, nonce } = bootOf(body.box_id);
    const sealed = () =>
      plane.db.rows<{ environment: Buffer | null }>(
        'SELECT environment FROM control_plane.instances WHERE box_id = $1',
        [body.box_id],
      );
    expect((await sealed())[0]?.environment).not.toBeNull();
    const first = await fetchBoot(url, nonce);
    expect(JSON.parse(first.text)).toEqual({
      image: 'holdfast/agent:test',
      files: {},
      env: {
        WORKSPACE_ID: 'mine-wins',
        WORKSPACE_CONFIG_PATH: '/configs',
        PLATFORM_URL: body.platform_url,
        MOLECULE_URL: body.platform_url,
        TIER: '2',
        PLUGINS_DIR: '/plugins',
        PYTHONPATH: '/app',
        API_KEY: 'a-key',
      },
    });
    expect(await sealed()).toEqual([{ environment: null }]);
    expect(await fetchBoot(url, nonce)).toEqual({ status: 404, text: '' });
  });

  test('is given to one of many that ask at once', async () => {
    const body = aProvision();
    await client.provision(body);
    const { url, nonce } = bootOf(body.box_id);
    const answers = await Promise.all(Array.from({ length: 10 }, () => fetchBoot(url, nonce)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(9);
  });

  test('is given for the nonce of its own box, and for nothing else', async () => {
    const [mine, other] = [aProvision(), aProvision()];
    await Promise.all([client.provision(mine), client.provision(other)]);
    const { url } = bootOf(mine.box_id);
    const wrong = [bootOf(other.box_id).nonce, '', 'guess', tenants.one.secret, tenants.one.adminToken];
    for (const nonce of wrong) expect(await fetchBoot(url, nonce)).toEqual({ status: 404, text: '' });
    for (const box of [randomUUID(), 'no-box', "'; DROP TABLE x"]) {
      const elsewhere = `${plane.url}/cp/boot/${encodeURIComponent(box)}`;
      expect(await fetchBoot(elsewhere, bootOf(mine.box_id).nonce)).toEqual({ status: 404, text: '' });
    }
    expect((await fetchBoot(url, bootOf(mine.box_id).nonce)).status).toBe(200);
  });

  test('of a box that was ended is gone', async () => {
    const body = aProvision();
    await client.provision(body);
    const { url, nonce } = bootOf(body.box_id);
    await client.terminate(body.workspace_id, { box_id: body.box_id });
    expect(await fetchBoot(url, nonce)).toEqual({ status: 404, text: '' });
    const rows = await plane.db.rows('SELECT environment FROM control_plane.instances WHERE box_id = $1', [
      body.box_id,
    ]);
    expect(rows).toEqual([{ environment: null }]);
  });

  test('is the one of the first request, however often the box is asked for', async () => {
    const body = aProvision();
    await client.provision(body);
    const { url, nonce } = bootOf(body.box_id);
    expect((await fetchBoot(url, nonce)).status).toBe(200);
    expect((await client.provision(body)).status).toBe(201);
    expect(await fetchBoot(url, nonce)).toEqual({ status: 404, text: '' });
  });

  test('comes through a shell exactly as it is', async () => {
    const nasty = `a 'quote' "double" $HOME \`id\` $(id) \\ \n second line ; exit 1 # ü`;
    const body = aProvision({ env: { NASTY: nasty } });
    await client.provision(body);
    const { url, nonce } = bootOf(body.box_id);
    const { text } = await fetchBoot(url, nonce, { accept: 'text/x-shellscript' });
    const printed = execFileSync('sh', [
      '-c',
      `${text}\nprintf '%s|%s|%s' "$NASTY" "$HOLDFAST_IMAGE" "$HOLDFAST_NAMES"`,
    ]);
    expect(printed.toString()).toBe(
      `${nasty}|holdfast/agent:test|WORKSPACE_ID WORKSPACE_CONFIG_PATH PLATFORM_URL MOLECULE_URL TIER PLUGINS_DIR PYTHONPATH NASTY`,
    );
  });

  test.each([
    [undefined, 'leaves alone what is there', 'edited\n'],
    [false, 'leaves alone what is there', 'edited\n'],
    [true, 'puts them in place of what is there', 'new\n'],
  ])('asked for with overwrite %s brings files to a shell that %s', async (overwrite, _, config) => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-script-'));
    try {
      const encoded = (text: string) => Buffer.from(text).toString('base64');
      const files = { 'config.yaml': encoded('new\n'), 'prompts/a/b.md': encoded("it's\n") };
      const body = aProvision({ config_files: files, overwrite });
      await client.provision(body);
      const { url, nonce } = bootOf(body.box_id);
      const { text } = await fetchBoot(url, nonce, { accept: 'text/x-shellscript' });
      writeFileSync(path.join(folder, 'config.yaml'), 'edited\n');
      execFileSync('sh', ['-c', text.replaceAll('/var/lib/holdfast/configs', folder)]);
      expect(readFileSync(path.join(folder, 'config.yaml'), 'utf8')).toBe(config);
      expect(readFileSync(path.join(folder, 'prompts/a/b.md'), 'utf8')).toBe("it's\n");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('is asked for by a script that any shell can read', async () => {
    for (const persistence of ['ephemeral', 'persist']) {
      const body = aProvision({ data_persistence: persistence });
      await client.provision(body);
      const [machine] = clouds
        .flatMap((cloud) => cloud.machines())
        .filter(({ userData }) => userData.includes(body.box_id));
      execFileSync('sh', ['-n'], { input: machine?.userData });
      expect(Buffer.byteLength(machine?.userData ?? '')).toBeLessThan(16_384);
    }
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
