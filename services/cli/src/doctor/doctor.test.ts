import { expect, test } from 'vitest';
import { routes } from '../api/generated/routes.ts';
import { aWorkspace } from '../../test/support/answers.ts';
import { routedGateway } from '../../test/support/routed.ts';
import { json, type Reaction, scriptedGateway } from '../../test/support/scripted-gateway.ts';
import { aWorld, type WorldOptions } from '../../test/support/world.ts';
import { run } from '../run.ts';

const paths: Record<string, Record<string, object>> = {};
for (const route of routes) {
  const [method = '', path = ''] = route.split(' ');
  (paths[path] ??= {})[method.toLowerCase()] = {};
}

/** A gateway in good health, but for what the test is about. */
const healthy = (other: Readonly<Record<string, Reaction>> = {}) =>
  routedGateway({
    'GET /health': json(200, { status: 'ok' }),
    'GET /openapi.json': json(200, { paths }),
    'GET /workspaces': json(200, [aWorkspace()]),
    'GET /org/tokens': json(200, { tokens: [], count: 0 }),
    'GET /ready': json(200, { status: 'ready', database: 'up', temporal: 'up', backends: ['docker'] }),
    'GET /backends': json(200, [{ host: 'a-host', kind: 'docker', seen_at: '2026-01-01T00:00:00Z', away: false }]),
    'GET /admin/liveness': json(200, {
      subsystems: { dispatcher: { last_tick_at: '', seconds_ago: 1, stale: false } },
    }),
    'GET /boxes': json(200, []),
    ...other,
  });

interface Said {
  ok: boolean;
  checks: { name: string; state: string; says: string; fix: string | null }[];
}

async function examined(gateway: string, options: WorldOptions = {}) {
  const { world, out } = aWorld({ gateway, ...options });
  const code = await run(['doctor', '--json'], world);
  const { ok, checks } = JSON.parse(out()) as Said;
  const troubles = checks.filter(({ state }) => state !== 'ok');
  for (const { fix } of troubles) expect(fix).toBeTruthy();
  return {
    code,
    ok,
    checks: checks.map(({ name }) => name),
    troubles: troubles.map(({ name, state }) => `${name} ${state}`),
    says: troubles.map(({ says }) => says),
  };
}

test('finds nothing wrong where nothing is', async () => {
  await using gateway = await healthy();
  const { code, ok, checks, troubles } = await examined(gateway.url);
  expect({ code, ok, troubles }).toEqual({ code: 0, ok: true, troubles: [] });
  expect(checks).toEqual([
    'address',
    'gateway',
    'clock',
    'version',
    'credential',
    'database',
    'temporal',
    'backends',
    'loops',
    'boxes',
  ]);
});

test('ends with 6 when no gateway answers, and does not try for long', async () => {
  const gateway = await healthy();
  await gateway[Symbol.asyncDispose]();
  expect(await examined(gateway.url)).toMatchObject({ code: 6, ok: false, troubles: ['gateway failed'] });
});

test('is not taken in by another server', async () => {
  await using gateway = await scriptedGateway((answer) => void answer.end('<html>'));
  expect(await examined(gateway.url)).toMatchObject({ code: 6, troubles: ['gateway failed'] });
});

const refused = json(401, { error: 'invalid admin auth token' });
const noOperation = 'GET /operations/00000000-0000-4000-8000-000000000000';

test.each<[string, Readonly<Record<string, Reaction>>, WorldOptions, number, string[]]>([
  ['no credential', {}, { variables: { HOLDFAST_TOKEN: '' } }, 5, ['credential failed']],
  [
    'a credential that is not taken',
    { 'GET /workspaces': refused, [noOperation]: refused },
    {},
    5,
    ['credential failed'],
  ],
  [
    'a database that is down',
    { 'GET /ready': json(503, { status: 'unavailable', database: 'down', temporal: 'up', backends: ['docker'] }) },
    {},
    6,
    ['database failed'],
  ],
  [
    'a Temporal that is down',
    { 'GET /ready': json(200, { status: 'ready', database: 'up', temporal: 'down', backends: ['docker'] }) },
    {},
    1,
    ['temporal failed'],
  ],
  [
    'no backend',
    { 'GET /ready': json(200, { status: 'ready', database: 'up', temporal: 'up', backends: [] }) },
    {},
    1,
    ['backends failed'],
  ],
  [
    'a backend that is away',
    { 'GET /backends': json(200, [{ host: 'b', kind: 'docker', seen_at: '2026-01-01T00:00:00Z', away: true }]) },
    {},
    0,
    ['backends warning'],
  ],
  [
    'a loop that stands still',
    { 'GET /admin/liveness': json(200, { subsystems: { owed: { last_tick_at: '', seconds_ago: 99, stale: true } } }) },
    {},
    1,
    ['loops failed'],
  ],
  ['owed boxes', { 'GET /boxes': json(200, [{}, {}]) }, {}, 0, ['boxes warning']],
  [
    'another version',
    { 'GET /openapi.json': json(200, { paths: { ...paths, '/boxes': {} } }) },
    {},
    0,
    ['version warning'],
  ],
  [
    'clocks that disagree',
    { 'GET /health': json(200, { status: 'ok' }, { date: 'Thu, 01 Jan 2026 00:00:00 GMT' }) },
    {},
    0,
    ['clock warning'],
  ],
])('tells %s, with its fix', async (_what, routed, options, code, troubles) => {
  await using gateway = await healthy(routed);
  const url = gateway.url;
  expect(
    await examined(url, {
      ...options,
      variables: { HOLDFAST_URL: url, HOLDFAST_TOKEN: 'a-token', ...options.variables },
    }),
  ).toMatchObject({ code, troubles });
});

test('knows a workspace token from a wrong one, and asks nothing that is not for it', async () => {
  await using gateway = await healthy({
    'GET /workspaces': refused,
    [noOperation]: json(404, { error: 'operation not found' }),
  });
  const { code, checks } = await examined(gateway.url);
  expect(code).toBe(0);
  expect(checks).not.toContain('loops');
});

test('looks on when one look fails', async () => {
  await using gateway = await healthy({ 'GET /admin/liveness': json(500, { error: 'internal error' }) });
  expect(await examined(gateway.url)).toMatchObject({
    code: 1,
    troubles: ['loops failed'],
    checks: expect.arrayContaining(['boxes']),
  });
});

test('shows a person each trouble with its fix', async () => {
  await using gateway = await healthy({ 'GET /boxes': json(200, [{}]) });
  const { world, out } = aWorld({ gateway: gateway.url, columns: 100 });
  await run(['doctor'], world);
  expect(out()).toContain('✓ gateway     answers in');
  expect(out()).toContain(
    '! boxes       1 box is owed: not yet known to be stopped\n              try: holdfast boxes list --state owed\n',
  );
});
