import { randomUUID } from 'node:crypto';
import { type Cloud, startEc2Cloud, startGcpCloud, startHetznerCloud } from '@holdfast/infra/testing/clouds/index';
import { testDatabase, type TestDatabase, waitFor } from '@holdfast/infra/testing/index';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { aProvision, type Client, clientOf } from './support/client.ts';
import { startControlPlane, type TestControlPlane, tenants } from './support/control-plane.ts';

let db: TestDatabase;
let aws: Cloud;
let hetzner: Cloud;
let gcp: Cloud;
let plane: TestControlPlane;
let one: Client;
let two: Client;
beforeAll(async () => {
  [db, aws, hetzner, gcp] = await Promise.all([testDatabase(), startEc2Cloud(), startHetznerCloud(), startGcpCloud()]);
  plane = await startControlPlane({ databaseUrl: db.url, clouds: [aws, hetzner, gcp] });
  one = clientOf(plane.url, tenants.one);
  two = clientOf(plane.url, tenants.two);
});
afterEach(() => [aws, hetzner, gcp].forEach((cloud) => cloud.faults.clear()));
afterAll(async () => {
  await plane.stop();
  await Promise.all([aws, hetzner, gcp].map((cloud) => cloud.stop()));
  await db.dispose();
});

const machinesOf = (boxId: string) =>
  [aws, hetzner, gcp].flatMap((cloud) => cloud.machines()).filter(({ userData }) => userData.includes(boxId));
const given = async (over: Readonly<Record<string, unknown>> = {}, client = one) => {
  const body = aProvision(over);
  const { body: made } = await client.provision(body);
  return { ...body, instance_id: String(made['instance_id']) };
};

describe('a provision', () => {
  test.each(['aws', 'hetzner', 'gcp'])(
    'at %s is answered with exactly what the contract says, and more',
    async (provider) => {
      const body = aProvision({ provider });
      const { status, body: made } = await one.provision(body);
      expect(status).toBe(201);
      const [machine] = machinesOf(body.box_id);
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
    expect((await one.provision(body)).body).toMatchObject({ provider: 'aws' });
  });

  test('that is repeated, also at the same time, is one instance and one answer', async () => {
    const body = aProvision();
    const answers = await Promise.all([1, 2, 3, 4].map(() => one.provision(body)));
    answers.push(await one.provision(body));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect(machinesOf(body.box_id)).toHaveLength(1);
  });

  test('whose cloud never answers can be asked for again, and finds its instance', async () => {
    const body = aProvision();
    hetzner.faults.plan('create', 'lost', 1);
    hetzner.faults.plan('create', 'unheard', 2);
    const first = await one.provision(body);
    expect(first).toMatchObject({ status: 502, body: { code: 'PROVIDER_UNAVAILABLE', retryable: true } });
    const again = await one.provision(body);
    expect(again.status).toBe(201);
    expect(machinesOf(body.box_id)).toMatchObject([{ id: again.body['instance_id'] }]);
  });

  test('of a box id that stands for something else is refused', async () => {
    const body = await given();
    for (const other of [
      { workspace_id: randomUUID() },
      { env: { API_KEY: 'another' } },
      { disk_gb: 60 },
      { provider: 'gcp' },
    ]) {
      expect(await one.provision({ ...body, ...other })).toMatchObject({ status: 409, body: { code: 'BOX_MISMATCH' } });
    }
  });

  test('of a box that was ended is refused, for good', async () => {
    const body = await given();
    await one.terminate(body.workspace_id, { instance_id: body.instance_id });
    expect(await one.provision(body)).toMatchObject({ status: 409, body: { code: 'BOX_GONE' } });
    expect(machinesOf(body.box_id)).toEqual([]);
  });

  test('without a box id is another box each time', async () => {
    const body = aProvision({ box_id: undefined });
    const [first, second] = [await one.provision(body), await one.provision(body)];
    expect(first.body['instance_id']).not.toBe(second.body['instance_id']);
    expect(first.body['box_id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('belongs to the organisation of the credential, whatever its body says', async () => {
    const body = await given({ org_id: tenants.two.id });
    expect((await two.list()).text).not.toContain(body.box_id);
    expect((await one.list()).text).toContain(body.box_id);
  });

  test.each([
    ['throttled', 503, 'THROTTLED', true],
    ['capacity', 503, 'NO_CAPACITY', true],
    ['quota', 409, 'QUOTA_EXCEEDED', false],
    ['denied', 502, 'PROVIDER_DENIED', false],
  ] as const)('that the cloud refuses as %s is answered %i %s', async (fault, status, code, retryable) => {
    hetzner.faults.plan('create', fault, 10);
    const answer = await one.provision(aProvision());
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
    ['with too much in its files', aProvision({ config_files: { 'config.yaml': 'A'.repeat(400_000) } })],
  ])('%s is refused and reaches no cloud', async (_, body) => {
    const before = hetzner.requests.length;
    expect(await one.provision(body)).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
    expect(hetzner.requests).toHaveLength(before);
  });

  test.each([
    { instance_type: 't3.small' },
    { disk_gb: 1_000 },
    { display: { mode: 'gpu-desktop-control' } },
    { display: { mode: 'desktop-control', protocol: 'dcv' } },
  ])('of %j at hetzner is refused as what that cloud cannot do', async (wish) => {
    const { status, body } = await one.provision(aProvision(wish));
    expect({ status, code: body['code'] }).toEqual({ status: 422, code: 'UNSUPPORTED' });
  });
});

describe('a delete', () => {
  test.each(['aws', 'hetzner', 'gcp'])(
    'at %s ends the machine before it answers, and may be repeated',
    async (provider) => {
      const { workspace_id: id, instance_id: instance, box_id: box } = await given({ provider });
      for (const query of [{ instance_id: instance }, { instance_id: instance, provider }, { box_id: box }]) {
        expect(await one.terminate(id, query)).toMatchObject({ status: 200, body: { state: 'terminated' } });
      }
      expect(machinesOf(box)).toEqual([]);
    },
  );

  test('finds by its box what nobody had heard of', async () => {
    const body = aProvision();
    hetzner.faults.plan('create', 'lost', 1);
    hetzner.faults.plan('create', 'unheard', 2);
    await one.provision(body);
    expect(machinesOf(body.box_id)).toHaveLength(1);
    expect((await one.terminate(body.workspace_id, { box_id: body.box_id })).status).toBe(202);
    expect(machinesOf(body.box_id)).toEqual([]);
  });

  test('of another’s instance is answered as if there were none, and does nothing', async () => {
    const { workspace_id: id, instance_id: instance, box_id: box } = await given({ provider: 'hetzner' });
    const none = await two.terminate(id, { instance_id: '99999999', provider: 'hetzner' });
    for (const query of [
      { instance_id: instance, provider: 'hetzner' },
      { box_id: box, provider: 'hetzner' },
    ]) {
      expect(await two.terminate(id, query)).toMatchObject({ status: none.status, text: none.text });
    }
    expect(await one.terminate(randomUUID(), { instance_id: instance, provider: 'hetzner' })).toMatchObject({
      text: none.text,
    });
    expect(machinesOf(box)).toHaveLength(1);
  });

  test('of an instance whose row was lost finds it by its marks', async () => {
    const { workspace_id: id, instance_id: instance, box_id: box } = await given({ provider: 'gcp' });
    await plane.db.rows('DELETE FROM control_plane.instances WHERE box_id = $1', [box]);
    await two.terminate(id, { instance_id: instance, provider: 'gcp' });
    expect(machinesOf(box)).toHaveLength(1);
    expect((await one.terminate(id, { instance_id: instance, provider: 'gcp' })).status).toBe(200);
    expect(machinesOf(box)).toEqual([]);
  });

  test('whose cloud does not answer is an error, and is finished all the same', async () => {
    const { workspace_id: id, instance_id: instance, box_id: box } = await given();
    hetzner.faults.plan('end', 'unheard', 3);
    expect(await one.terminate(id, { instance_id: instance })).toMatchObject({ status: 502 });
    await waitFor(() => machinesOf(box).length === 0);
    await waitFor(async () => (await one.terminate(id, { instance_id: instance })).status === 200);
  });

  test('with prune erases the data of the workspace', async () => {
    const { workspace_id: id, instance_id: instance } = await given({ data_persistence: 'persist' });
    await one.terminate(id, { instance_id: instance });
    const removals = () => hetzner.requests.filter(({ text }) => /^DELETE\n[^\n]*\/volumes/.test(text)).length;
    expect(removals()).toBe(0);
    expect((await one.terminate(id, { instance_id: instance, prune: 'true' })).status).toBe(200);
    expect(removals()).toBe(1);
  });

  test.each([
    {},
    { instance_id: '' },
    { instance_id: 'x', prune: 'maybe' },
    { box_id: 'x' },
    { instance_id: 'x', provider: 'azure' },
  ])('with %j is refused', async (query) => {
    expect(await one.terminate(randomUUID(), query)).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
  });
});

describe('a status', () => {
  test.each(['aws', 'hetzner', 'gcp'])('at %s is running until the machine ends, however it does', async (provider) => {
    const { workspace_id: id, instance_id: instance, box_id: box } = await given({ provider });
    await waitFor(async () => (await one.status(id, { instance_id: instance })).body['state'] === 'running');
    await [aws, hetzner, gcp].find(({ name }) => name === provider)?.end(instance);
    expect((await one.status(id, { instance_id: instance })).body).toEqual({ state: 'terminated' });
    expect((await one.status(id, { box_id: box })).body).toEqual({ state: 'terminated' });
  });

  test('of another’s is that of none', async () => {
    const { workspace_id: id, instance_id: instance } = await given();
    const none = await two.status(randomUUID(), { instance_id: '99999999', provider: 'hetzner' });
    const theirs = await two.status(id, { instance_id: instance, provider: 'hetzner' });
    expect([theirs.status, theirs.text]).toEqual([none.status, none.text]);
    expect(none.body).toEqual({ state: 'terminated' });
  });

  test('is no answer at all while the cloud gives none', async () => {
    const { workspace_id: id, instance_id: instance } = await given();
    hetzner.faults.plan('look', 'unavailable', 20);
    expect((await one.status(id, { instance_id: instance })).status).toBe(502);
  });
});

describe('a console', () => {
  test.each(['aws', 'gcp'])('at %s is what the machine has said', async (provider) => {
    const { workspace_id: id, instance_id: instance } = await given({ provider });
    [aws, gcp].find(({ name }) => name === provider)?.say(instance, 'hello\n');
    expect((await one.console(id)).body).toEqual({ output: 'hello\n' });
    expect((await two.console(id)).status).toBe(404);
  });

  test('at hetzner is refused as what that cloud cannot do', async () => {
    const { workspace_id: id } = await given();
    expect(await one.console(id)).toMatchObject({ status: 501, body: { code: 'CONSOLE_UNSUPPORTED' } });
  });

  test('is never longer than what platforms read, and begins with a whole character', async () => {
    const { workspace_id: id, instance_id: instance } = await given({ provider: 'gcp' });
    gcp.say(instance, 'ü'.repeat(200_000) + 'end');
    const { output } = (await one.console(id)).body as { output: string };
    expect(Buffer.byteLength(output)).toBeLessThanOrEqual(196_608);
    expect(output).toMatch(/^ü+end$/);
  });
});

describe('a list', () => {
  test('holds what the organisation has of an installation, and what may still come', async () => {
    const owner = `owner-${randomUUID()}`;
    const seen = await given({ owner, provider: 'aws' });
    await given({ owner: 'another', provider: 'aws' });
    const unseen = aProvision({ owner });
    hetzner.faults.plan('create', 'unheard', 3);
    await one.provision(unseen);
    const { body } = await one.list(owner);
    expect(body['unreachable']).toEqual([]);
    expect(body['instances']).toMatchObject([
      { box_id: seen.box_id, instance_id: seen.instance_id, provider: 'aws', workspace_id: seen.workspace_id },
      { box_id: unseen.box_id, instance_id: null, provider: 'hetzner', state: 'pending' },
    ]);
    expect((await two.list(owner)).body['instances']).toEqual([]);
  });

  test('says which cloud it could not ask', async () => {
    gcp.faults.plan('list', 'unavailable', 3);
    expect((await one.list()).body['unreachable']).toEqual(['gcp']);
  });
});

describe('a tenant', () => {
  test('reads its own configuration with its admin token', async () => {
    const bearer = { authorization: `Bearer ${tenants.one.adminToken}`, 'x-molecule-org-id': tenants.one.id };
    expect((await one.call('GET', '/cp/tenants/config', undefined, bearer)).body).toEqual({
      GREETING: 'hello org-one',
    });
    expect((await one.call('GET', '/cp/tenants/config')).status).toBe(401);
  });

  test('has no members that this control plane knows of', async () => {
    const { body } = await one.call('GET', '/cp/auth/tenant-member?slug=one', undefined, { cookie: 'session=x' });
    expect(body).toEqual({ member: false, user_id: '' });
  });

  test('learns what the clouds can do', async () => {
    const { body } = await one.call('GET', '/cp/capabilities');
    expect(body['features']).toContain('box_id');
    expect(body['providers']).toMatchObject({
      aws: { console: true },
      hetzner: { console: false },
      gcp: { console: true },
    });
  });

  const routes = [
    ['POST', '/cp/workspaces/provision'],
    ['DELETE', '/cp/workspaces/w?instance_id=i'],
    ['GET', '/cp/workspaces/w/status?instance_id=i'],
    ['GET', '/cp/workspaces'],
    ['GET', '/cp/admin/workspaces/w/console'],
    ['GET', '/cp/capabilities'],
    ['GET', '/cp/tenants/config'],
  ] as const;

  test.each(routes)('that cannot prove itself is refused %s %s', async (method, path) => {
    const wrong = [
      { authorization: '' },
      { authorization: 'Bearer nobody' },
      { authorization: `Basic ${tenants.one.secret}` },
    ];
    for (const headers of wrong) {
      const answer = await one.call(method, path, undefined, headers);
      expect(answer).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
  });

  test.each(routes)('that shows another’s second credential is refused %s %s', async (method, path) => {
    const headers = path.startsWith('/cp/tenants')
      ? { authorization: `Bearer ${tenants.one.adminToken}`, 'x-molecule-org-id': tenants.two.id }
      : { 'x-molecule-admin-token': tenants.two.adminToken };
    expect((await one.call(method, path, undefined, headers)).status).toBe(path.startsWith('/cp/tenants') ? 404 : 401);
  });

  test.each(routes)('that names another organisation finds nothing at %s %s', async (method, path) => {
    const headers = {
      'x-molecule-org-id': tenants.two.id,
      ...(path.startsWith('/cp/tenants') ? { authorization: `Bearer ${tenants.one.adminToken}` } : {}),
    };
    const answer = await one.call(method, path, undefined, headers);
    expect([answer.status, answer.text]).toEqual([404, '']);
  });
});

describe('an answer', () => {
  test('that is a failure is a problem where the caller asks for one', async () => {
    const accept = { accept: 'application/problem+json' };
    const asked = await one.call('GET', '/cp/admin/workspaces/none/console', undefined, accept);
    expect(asked.headers.get('content-type')).toContain('application/problem+json');
    expect(asked.body).toMatchObject({
      type: 'urn:holdfast:control-plane:NOT_FOUND',
      status: 404,
      error: expect.any(String) as string,
    });
    expect((await one.console('none')).headers.get('content-type')).toContain('application/json');
  });

  test('to what is no route is plain text', async () => {
    expect(await one.call('GET', '/cp/nothing')).toMatchObject({ status: 404, text: '404 page not found' });
    expect((await one.call('PUT', '/cp/workspaces/provision')).status).toBe(404);
  });

  test('of the health says when the loops last ran', async () => {
    await waitFor(async () => {
      const { body } = await one.call('GET', '/health', undefined, { authorization: '' });
      return Object.keys(body['subsystems'] as object).length === 2;
    });
  });
});

test('no secret gets into user data, a request to a cloud, a log line or a row in the clear', async () => {
  const secret = `secret-${randomUUID()}`;
  const file = Buffer.from(secret).toString('base64');
  for (const provider of ['aws', 'hetzner', 'gcp']) {
    const over = { provider, env: { API_KEY: secret }, config_files: { 'config.yaml': file } };
    const body = await given(over);
    await one.provision({ ...over, env: { API_KEY: secret, 'a bad name': secret } });
    expect(machinesOf(body.box_id)).toHaveLength(1);
  }
  const sent = [aws, hetzner, gcp].flatMap((cloud) => cloud.requests.map(({ text }) => text)).join('\n');
  const rows = await plane.db.rows<{ row: string }>('SELECT i::text AS row FROM control_plane.instances i');
  const kept = rows.map(({ row }) => row).join('\n');
  const everything = [sent, plane.logged(), kept].join('\n');
  for (const form of [secret, file, Buffer.from(secret).toString('hex')]) expect(everything).not.toContain(form);
  for (const { secret: shared, adminToken } of Object.values(tenants)) {
    expect(everything).not.toContain(shared);
    expect(everything).not.toContain(adminToken);
  }
  for (const [, nonce] of sent.matchAll(/BOOT_NONCE='([^']+)'/g)) expect(kept + plane.logged()).not.toContain(nonce);
});
