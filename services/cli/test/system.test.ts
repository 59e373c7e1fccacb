import { waitFor } from '@holdfast/infra/testing/index';
import { System } from '@holdfast/infra/testing/system/system';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Cli } from './support/cli.ts';

let system: System;
let cli: Cli;
beforeAll(async () => {
  system = await System.start({ backend: 'process' });
  cli = new Cli(system.api().url, system.adminToken);
});
afterAll(() => system?.stop());

const create = (name: string): Promise<string> =>
  cli.id(`workspace create ${name} --runtime reference --tier 2 --wait`);

test('brings a workspace online, shows it, and deletes it without a trace', async () => {
  const { code, out, err } = await cli.run('workspace create whole --runtime reference --tier 2 --wait');
  expect({ code, last: out.trimEnd().split('\n').at(-1) }).toEqual({
    code: 0,
    last: expect.stringMatching(/^online {2}after .* http:/),
  });
  expect(err.match(/✓ (\w+)/g)).toEqual(['✓ prepare', '✓ mint', '✓ start']);

  const listed = await cli.json<{ id: string; name: string; status: string }[]>('workspace list');
  const whole = listed.find(({ name }) => name === 'whole');
  expect(whole).toMatchObject({ status: 'online' });
  expect(await cli.json(`workspace get whole`)).toMatchObject({ id: whole?.id, status: 'online' });
  expect((await cli.run(`boxes list ${whole?.id}`)).out).toMatch(/whole +running +registered +\S+ +process /);

  const deleted = await cli.json<{ operation: { id: string } }>(`workspace delete whole --purge --confirm --wait`);
  expect(deleted).toMatchObject({ id: whole?.id, status: 'purged', operation: { kind: 'delete', state: 'succeeded' } });
  expect((await cli.run(`workspace get ${whole?.id}`)).code).toBe(3);
  expect(await cli.run(`boxes list ${whole?.id} --quiet`)).toEqual({ code: 0, out: '', err: '' });
  // What was done stays known.
  const operations = await cli.json<{ kind: string; state: string }[]>(`operation list ${whole?.id}`);
  expect(operations.map(({ kind, state }) => `${kind} ${state}`)).toEqual(['delete succeeded', 'provision succeeded']);
});

test('tells every step of an operation once, in order', async () => {
  const { operation_id: operation } = await cli.json<{ operation_id: string }>(
    'workspace create watched --runtime reference --tier 2',
  );
  const { code, out, err } = await cli.run(`operation watch ${operation} --json`);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const heard = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { step?: { seq: number }; end?: { state: string } });
  const steps = heard.flatMap(({ step }) => step?.seq ?? []);
  expect(steps).toEqual(steps.map((_, index) => index + 1));
  expect(heard.at(-1)).toMatchObject({ end: { id: operation, state: 'succeeded' } });
  const { steps: kept } = await cli.json<{ steps: unknown[] }>(`operation get ${operation}`);
  expect(heard.slice(0, -1).map(({ step }) => step)).toEqual(kept);
});

test('goes on waiting through a gateway that dies and comes back', async () => {
  const id = await create('patient');
  const gateway = system.gateways[0]!.program;
  const looks = (): number => gateway.words().split('"method":"GET","route":"/workspaces/:id"').length;
  const before = looks();
  const waiting = cli.start(`workspace wait ${id} --for removed --timeout 60s --quiet`);
  await waitFor(() => looks() > before);
  await gateway.end();
  gateway.start();
  await system.ready();
  expect((await cli.run(`workspace delete ${id} --wait`)).code).toBe(0);
  expect(await waiting.ended).toEqual({ code: 0, out: `${id}\n`, err: '' });
});

test('makes one workspace under one key, whatever comes of the first try', async () => {
  const words = 'workspace create once --runtime reference --tier 2 --idempotency-key a-key-of-the-tests';
  const made = await Promise.all([cli.id(words), cli.id(words), cli.id(words)]);
  expect(new Set(made).size).toBe(1);
  expect(await cli.run('workspace create other --idempotency-key a-key-of-the-tests')).toMatchObject({
    code: 2,
    out: '',
  });
});

test('leaves what it waited for alone when it is interrupted', async () => {
  const waiting = cli.start('workspace create lasting --runtime reference --tier 2 --wait --quiet');
  await waitFor(() => waiting.out() !== '');
  waiting.stop('SIGINT');
  expect((await waiting.ended).code).toBe(130);
  expect((await cli.run(`workspace wait ${waiting.out().trim()} --timeout 60s`)).code).toBe(0);
});

test('keeps secrets, which only the workspace itself reads', async () => {
  const id = await create('keeper');
  const value = `it's "quoted" $HOME\nand two lines`;
  expect(await cli.run(`secret set GREETING -w ${id}`, { input: `${value}\n` })).toEqual({
    code: 0,
    out: 'saved  GREETING\n',
    err: '',
  });
  expect(await cli.run('secret set SHARED --global', { input: 'for all' })).toMatchObject({ code: 0 });
  expect(await cli.json(`secret list -w ${id}`)).toMatchObject([
    { key: 'GREETING', scope: 'workspace' },
    { key: 'SHARED', scope: 'global' },
  ]);
  expect(await cli.run(`secret values -w ${id}`)).toMatchObject({ code: 5, out: '' });

  const token = await cli.id(`token create ${id}`);
  const own = { env: { HOLDFAST_TOKEN: token } };
  expect(await cli.json(`secret values -w ${id}`, own)).toEqual({ GREETING: value, SHARED: 'for all' });
  expect((await cli.run(`secret values -w ${id}`, own)).out).toContain(
    `GREETING='it'\\''s "quoted" $HOME\nand two lines'\n`,
  );
  expect((await cli.run('workspace list', own)).code).toBe(5);

  expect((await cli.run('secret delete SHARED -g')).code).toBe(0);
  expect((await cli.run('secret delete SHARED -g')).code).toBe(3);
  expect(await cli.run(`secret set PATH -w ${id}`, { input: 'x' })).toMatchObject({
    code: 2,
    err: expect.stringContaining('reserved'),
  });
});

test('revokes tokens, which then open nothing', async () => {
  const id = await create('guarded');
  const token = await cli.id(`token create ${id}`);
  const { tokens } = await cli.json<{ tokens: { id: string; prefix: string }[] }>(`token list ${id}`);
  const made = tokens.find(({ prefix }) => token.startsWith(prefix));
  expect((await cli.run(`token revoke ${id} ${made?.id}`)).code).toBe(0);
  expect((await cli.run(`token revoke ${id} ${made?.id}`)).code).toBe(3);
  expect((await cli.run(`workspace get ${id}`, { env: { HOLDFAST_TOKEN: token } })).code).toBe(5);

  const org = await cli.json<{ id: string; auth_token: string }>('org-token create --name ci --expires 1h');
  const asOrg = { env: { HOLDFAST_TOKEN: org.auth_token } };
  expect((await cli.run('doctor', asOrg)).out).toContain('an org token called "ci"');
  expect((await cli.run('org-token list')).out).toMatch(new RegExp(`${org.id} .* ci .* in 59m`));
  expect((await cli.run(`org-token revoke ${org.id}`)).code).toBe(0);
  expect((await cli.run('workspace list', asOrg)).code).toBe(5);
});

test('sets, shows and clears the model of a workspace', async () => {
  const id = await create('modelled');
  expect(await cli.json(`model get ${id}`)).toEqual({ model: '', source: 'default' });
  expect((await cli.run(`model set ${id} vendor/model`)).code).toBe(0);
  expect(await cli.id(`model get ${id}`)).toBe('vendor/model');
  expect((await cli.run(`model set ${id} --clear`)).code).toBe(0);
  expect(await cli.id(`model get ${id}`)).toBe('');
});

test('changes a workspace, and says when that takes a restart', async () => {
  const id = await create('before');
  expect((await cli.run(`workspace update ${id} --name after --role scouting --position 3,-4 --collapsed`)).code).toBe(
    0,
  );
  expect(await cli.json('workspace get after')).toMatchObject({
    id,
    name: 'after',
    role: 'scouting',
    x: 3,
    y: -4,
    collapsed: true,
  });
  expect(await cli.run(`workspace update ${id} --dir /srv/code`)).toMatchObject({
    code: 0,
    err: expect.stringContaining('next restart'),
  });
  expect((await cli.run(`workspace update ${id} --role none`)).code).toBe(0);
  expect(await cli.json(`workspace get ${id}`)).toMatchObject({ role: null });
});

test('refuses to delete a workspace that has children until that is confirmed', async () => {
  const parent = await create('parent');
  const child = await cli.id(`workspace create child --runtime reference --tier 2 --parent ${parent}`);
  const { code, err } = await cli.run(`workspace delete ${parent}`);
  expect({ code, err }).toEqual({
    code: 4,
    err: expect.stringContaining('(child) (CONFIRMATION_REQUIRED)\ntry: repeat with --yes'),
  });
  expect((await cli.run(`workspace delete ${child}`)).code).toBe(0);
  expect((await cli.run(`workspace delete ${parent}`)).code).toBe(0);
});

test('shows the credential of an external agent before that agent is waited for', async () => {
  const waiting = cli.start('workspace create remote --external --delivery poll --wait --timeout 60s');
  const token = await waitFor(() => /^token +(\S+)/m.exec(waiting.out())?.[1]);
  const id = /^id +(\S+)/m.exec(waiting.out())?.[1];
  const body = { id, agent_card: { name: 'remote' }, delivery_mode: 'poll' };
  expect(await system.api().call('POST', '/registry/register', { body, token })).toMatchObject({ status: 200 });
  await waitFor(() => waiting.out().endsWith('\nonline\n'), { timeoutMs: 60_000 });
  const known = Date.now();
  expect((await waiting.ended).code).toBe(0);
  // It does not outlive its answer, as it would with a stream left open.
  expect(Date.now() - known).toBeLessThan(15_000);
});

test('finds nothing wrong with a system in good health', async () => {
  const { ok, checks } = await cli.json<{ ok: boolean; checks: { name: string; state: string; says: string }[] }>(
    'doctor',
  );
  expect({ ok, troubles: checks.filter(({ state }) => state !== 'ok') }).toEqual({ ok: true, troubles: [] });
  expect(checks.find(({ name }) => name === 'backends')?.says).toBe(`process on ${system.host}`);
});
