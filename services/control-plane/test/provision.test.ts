import { randomUUID } from 'node:crypto';
import { waitFor } from '@holdfast/infra/testing/index';
import { describe, expect, test } from 'vitest';
import { aProvision } from './support/client.ts';
import { tenants } from './support/control-plane.ts';
import { fleet, useFleet } from './support/fleet.ts';

useFleet();

const rowOf = async (workspaceId: string) => {
  const rows = await fleet.plane.db.rows<{ box_id: string; state: string; environment: Buffer | null }>(
    'SELECT box_id, state, environment FROM control_plane.instances WHERE workspace_id = $1',
    [workspaceId],
  );
  return rows[0];
};

describe('a provision', () => {
  test.each(['aws', 'hetzner', 'gcp'])(
    'at %s is answered with exactly what the contract says, and more',
    async (provider) => {
      const body = aProvision({ provider });
      const { status, body: made } = await fleet.one.provision(body);
      expect(status).toBe(201);
      const [machine] = fleet.machinesOf(body.box_id);
      expect(made).toEqual({
        instance_id: machine?.id,
        private_ip: machine?.address,
        state: 'running',
        error: '',
        box_id: body.box_id,
        provider,
      });
    },
  );

  test.each([undefined, '', null])('that names the provider %j is one at aws', async (provider) => {
    const body = aProvision({ provider });
    expect((await fleet.one.provision(body)).body).toMatchObject({ provider: 'aws' });
  });

  test('that is repeated, also at the same time, is one instance and one answer', async () => {
    const body = aProvision();
    const answers = await Promise.all([1, 2, 3, 4].map(() => fleet.one.provision(body)));
    answers.push(await fleet.one.provision(body));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect(fleet.machinesOf(body.box_id)).toHaveLength(1);
  });

  test('whose cloud never answers can be asked for again, and finds its instance', async () => {
    const body = aProvision();
    fleet.hetzner.faults.plan('create', 'lost', 1);
    fleet.hetzner.faults.plan('create', 'unheard', 2);
    const first = await fleet.one.provision(body);
    expect(first).toMatchObject({ status: 502, body: { code: 'PROVIDER_UNAVAILABLE', retryable: true } });
    const again = await fleet.one.provision(body);
    expect(again.status).toBe(201);
    expect(fleet.machinesOf(body.box_id)).toMatchObject([{ id: again.body['instance_id'] }]);
  });

  test('of a box id that stands for something else is refused', async () => {
    const body = await fleet.given();
    for (const other of [
      { workspace_id: randomUUID() },
      { env: { API_KEY: 'another' } },
      { disk_gb: 60 },
      { overwrite: true },
      { provider: 'gcp' },
    ]) {
      expect(await fleet.one.provision({ ...body, ...other })).toMatchObject({
        status: 409,
        body: { code: 'BOX_MISMATCH' },
      });
    }
  });

  test('of a box that was ended is refused, for good', async () => {
    const body = await fleet.given();
    await fleet.one.terminate(body.workspace_id, { instance_id: body.instance_id });
    expect(await fleet.one.provision(body)).toMatchObject({ status: 409, body: { code: 'BOX_GONE' } });
    expect(fleet.machinesOf(body.box_id)).toEqual([]);
  });

  test('without a box id is another box each time', async () => {
    const body = aProvision({ box_id: undefined });
    const [first, second] = [await fleet.one.provision(body), await fleet.one.provision(body)];
    expect(first.body['instance_id']).not.toBe(second.body['instance_id']);
    expect(first.body['box_id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('without a box id that the cloud refuses is over: nobody could ever ask for it again', async () => {
    const body = aProvision({ box_id: undefined });
    fleet.hetzner.faults.plan('create', 'quota');
    expect(await fleet.one.provision(body)).toMatchObject({ status: 409, body: { code: 'QUOTA_EXCEEDED' } });
    expect(await rowOf(body.workspace_id)).toMatchObject({ environment: null });
    await waitFor(async () => (await rowOf(body.workspace_id))?.state === 'gone');
  });

  test('without a box id that the cloud does not answer ends whatever came of it', async () => {
    const body = aProvision({ box_id: undefined });
    const ends = () => fleet.hetzner.requests.filter(({ text }) => /^DELETE\n[^\n]*\/servers/.test(text)).length;
    const before = ends();
    fleet.hetzner.faults.plan('create', 'lost');
    fleet.hetzner.faults.plan('create', 'unheard', 2);
    expect(await fleet.one.provision(body)).toMatchObject({ status: 502, body: { code: 'PROVIDER_UNAVAILABLE' } });
    const row = await rowOf(body.workspace_id);
    expect(row).toMatchObject({ state: 'terminating', environment: null });
    await waitFor(() => ends() > before && fleet.machinesOf(row?.box_id ?? '').length === 0);
  });

  test('belongs to the organisation of the credential, whatever its body says', async () => {
    const body = await fleet.given({ org_id: tenants.two.id });
    expect((await fleet.two.list()).text).not.toContain(body.box_id);
    expect((await fleet.one.list()).text).toContain(body.box_id);
  });

  test.each([
    ['throttled', 503, 'THROTTLED', true],
    ['capacity', 503, 'NO_CAPACITY', true],
    ['quota', 409, 'QUOTA_EXCEEDED', false],
    ['denied', 502, 'PROVIDER_DENIED', false],
  ] as const)('that the cloud refuses as %s is answered %i %s', async (fault, status, code, retryable) => {
    fleet.hetzner.faults.plan('create', fault, 10);
    const answer = await fleet.one.provision(aProvision());
    expect(answer).toMatchObject({ status, body: { code, retryable, status, error: expect.any(String) as string } });
    expect(answer.headers.get('retry-after')).toBe(status === 503 ? '5' : null);
  });

  test.each([
    ['that is no JSON', '{'],
    ['that is empty', ''],
    ['without a workspace', aProvision({ workspace_id: undefined })],
    ['with a workspace that is a path', aProvision({ workspace_id: '../etc' })],
    ['without a runtime', aProvision({ runtime: '' })],
    ['with a runtime that is a path', aProvision({ runtime: 'a/../b' })],
    ['without an address of the platform', aProvision({ platform_url: undefined })],
    ['with an address that is none', aProvision({ platform_url: 'file:///etc/passwd' })],
    ['with an unknown cloud', aProvision({ provider: 'azure' })],
    ['with an environment of numbers', aProvision({ env: { A: 1 } })],
    ['with a name that no shell takes', aProvision({ env: { 'A;rm -rf': 'x' } })],
    ['with a value that holds a NUL', aProvision({ env: { A: 'x\0y' } })],
    ['with a box id that is none', aProvision({ box_id: 'box' })],
    ['with a file elsewhere', aProvision({ config_files: { '../x': '' } })],
    ['with a file that only begins right', aProvision({ config_files: { 'prompts/../../x': '' } })],
    ['with a file that is no base64', aProvision({ config_files: { 'config.yaml': '?' } })],
    ['with an overwrite that is neither yes nor no', aProvision({ overwrite: 'yes' })],
    ['with too much in its files', aProvision({ config_files: { 'config.yaml': 'A'.repeat(400_000) } })],
  ])('%s is refused and reaches no cloud', async (_, body) => {
    const creates = () => fleet.hetzner.requests.filter(({ operation }) => operation === 'create').length;
    const before = creates();
    expect(await fleet.one.provision(body)).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
    expect(creates()).toBe(before);
  });

  test.each([
    { instance_type: 't3.small' },
    { disk_gb: 1_000 },
    { display: { mode: 'gpu-desktop-control' } },
    { display: { mode: 'desktop-control', protocol: 'dcv' } },
  ])('of %j at hetzner is refused as what that cloud cannot do', async (wish) => {
    const { status, body } = await fleet.one.provision(aProvision(wish));
    expect({ status, code: body['code'] }).toEqual({ status: 422, code: 'UNSUPPORTED' });
  });
});

test('no secret gets into user data, a request to a cloud, a log line or a row in the clear', async () => {
  const secret = `secret-${randomUUID()}`;
  const file = Buffer.from(secret).toString('base64');
  for (const provider of ['aws', 'hetzner', 'gcp']) {
    const over = { provider, env: { API_KEY: secret }, config_files: { 'config.yaml': file } };
    const body = await fleet.given(over);
    await fleet.one.provision({ ...over, env: { API_KEY: secret, 'a bad name': secret } });
    expect(fleet.machinesOf(body.box_id)).toHaveLength(1);
  }
  const sent = fleet.clouds.flatMap((cloud) => cloud.requests.map(({ text }) => text)).join('\n');
  const rows = await fleet.plane.db.rows<{ row: string }>('SELECT i::text AS row FROM control_plane.instances i');
  const kept = rows.map(({ row }) => row).join('\n');
  const everything = [sent, fleet.plane.logged(), kept].join('\n');
  for (const form of [secret, file, Buffer.from(secret).toString('hex')]) expect(everything).not.toContain(form);
  for (const { secret: shared, adminToken } of Object.values(tenants)) {
    expect(everything).not.toContain(shared);
    expect(everything).not.toContain(adminToken);
  }
  for (const [, nonce] of sent.matchAll(/BOOT_NONCE='([^']+)'/g))
    expect(kept + fleet.plane.logged()).not.toContain(nonce);
});
