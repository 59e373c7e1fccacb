import { expect, test } from 'vitest';
import { anOperation, aProblem, aStep, aWorkspace, operationId, scoutId } from '../../test/support/answers.ts';
import { routedGateway } from '../../test/support/routed.ts';
import { json, type Reaction, sse, stream } from '../../test/support/scripted-gateway.ts';
import { aWorld, type WorldOptions } from '../../test/support/world.ts';
import { run } from '../run.ts';

const created = json(201, { id: scoutId, status: 'provisioning', operation_id: operationId });
const ends = (...events: string[]): Reaction => stream(events.join(''), { stays: true });
const online = ends(
  sse('step', aStep(1, 'prepare', 'begun', { detail: 'on a-host' }), 1),
  sse('step', aStep(2, 'prepare', 'done'), 2),
  sse('step', aStep(3, 'start', 'begun', { detail: 'on a-host' }), 3),
  sse('step', aStep(4, 'start', 'done'), 4),
  sse('step', aStep(5, 'finish', 'done'), 5),
  sse('end', anOperation()),
);
const failure = { code: 'REQUIRED_ENV_MISSING', text: 'missing required env var KEY', next_step: 'Add it.' };
const failed = ends(
  sse('step', aStep(1, 'prepare', 'failed', { detail: 'no KEY' }), 1),
  sse('end', anOperation({ state: 'failed', failure })),
);

const routes = (events: Reaction, workspace: object = aWorkspace()) => ({
  'POST /workspaces': created,
  [`GET /operations/${operationId}/events`]: events,
  [`GET /workspaces/${scoutId}`]: json(200, workspace),
});

async function said(words: readonly string[], options: WorldOptions) {
  const { world, out, err, questions } = aWorld(options);
  return { code: await run(words, world), out: out(), err: err(), questions };
}

test('sends what it was told, and nothing it was not', async () => {
  await using gateway = await routedGateway({
    ...routes(online),
    'GET /workspaces': json(200, [aWorkspace({ name: 'root' })]),
  });
  const options =
    '--runtime reference --tier 2 --parent root --budget 12.50 --max-tasks 3 --secret A=1 --compute {"provider":"aws"}';
  await said(['workspace', 'create', 'kid', ...options.split(' '), '--idempotency-key', 'mine'], {
    gateway: gateway.url,
  });
  const { body, headers } = gateway.heard.at(-1)!;
  const given = Object.fromEntries(Object.entries(JSON.parse(body) as object).filter(([, value]) => value !== null));
  expect(given).toEqual({
    name: 'kid',
    runtime: 'reference',
    tier: 2,
    parent_id: scoutId,
    budget_limit: 1_250,
    max_concurrent_tasks: 3,
    secrets: { A: '1' },
    compute: { provider: 'aws' },
  });
  expect(headers['idempotency-key']).toBe('mine');
});

test('shows the steps on standard error and the result on standard output', async () => {
  await using gateway = await routedGateway(routes(online));
  const { code, out, err } = await said(['workspace', 'create', 'scout', '--wait'], { gateway: gateway.url });
  expect(code).toBe(0);
  expect(err).toBe('✓ prepare    1.0 s  on a-host\n✓ start      1.0 s  on a-host\n');
  expect(out).toContain(`id         ${scoutId}\n`);
  expect(out.trimEnd().split('\n').at(-1)).toBe('online  after 2.0 s  http://127.0.0.1:9000');
});

test('gives programs the workspace and the operation in one document', async () => {
  await using gateway = await routedGateway(routes(online));
  const { code, out, err } = await said(['workspace', 'create', 'scout', '--wait', '--json'], { gateway: gateway.url });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(JSON.parse(out)).toEqual({
    id: scoutId,
    status: 'online',
    operation_id: operationId,
    workspace: aWorkspace(),
    operation: anOperation(),
  });
});

test('fails with the cause and its remedy when the operation fails, and still names the workspace', async () => {
  await using gateway = await routedGateway(routes(failed, aWorkspace({ status: 'failed' })));
  const { code, out, err } = await said(['workspace', 'create', 'scout', '--wait'], { gateway: gateway.url });
  expect(code).toBe(1);
  expect(out).toContain(scoutId);
  expect(err).toContain('✗ prepare           no KEY\n');
  expect(err).toContain(
    'error: The provision failed: missing required env var KEY (REQUIRED_ENV_MISSING)\ntry: Add it.\n',
  );
});

test('gives programs the document and the failure when the operation fails', async () => {
  await using gateway = await routedGateway(routes(failed, aWorkspace({ status: 'failed' })));
  const { code, out, err } = await said(['workspace', 'create', 'scout', '--wait', '--json'], { gateway: gateway.url });
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({ id: scoutId, status: 'failed', operation: { state: 'failed' } });
  expect(JSON.parse(err)).toMatchObject({ code: 'REQUIRED_ENV_MISSING', operation_id: operationId });
});

test('follows an operation into the one it was merged into', async () => {
  const other = operationId.replace(/^2/, '3');
  await using gateway = await routedGateway({
    ...routes(ends(sse('end', anOperation({ state: 'coalesced', coalesced_into: other })))),
    [`GET /operations/${other}/events`]: ends(sse('end', anOperation({ id: other, kind: 'restart' }))),
  });
  const { code, out } = await said(['workspace', 'create', 'scout', '--wait', '--json'], { gateway: gateway.url });
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ operation: { id: other, state: 'succeeded' } });
});

test('names what superseded it', async () => {
  const by = operationId.replace(/^2/, '3');
  await using gateway = await routedGateway(
    routes(ends(sse('end', anOperation({ state: 'superseded', superseded_by: by })))),
  );
  const { code, err } = await said(['workspace', 'create', 'scout', '--wait'], { gateway: gateway.url });
  expect(code).toBe(1);
  expect(err).toBe(`error: The provision was superseded by another one.\ntry: holdfast operation watch ${by}\n`);
});

test('says how to go on watching when its time is over', async () => {
  await using gateway = await routedGateway(routes(ends(': ping\n\n')));
  const { code, out, err } = await said(['workspace', 'create', 'scout', '--wait', '--timeout', '100ms', '-q'], {
    gateway: gateway.url,
  });
  expect({ code, out }).toEqual({ code: 7, out: `${scoutId}\n` });
  expect(err).toContain(`has not ended after 100 ms; it goes on.\ntry: holdfast operation watch ${operationId}\n`);
});

test('ends with 130 when it is interrupted', async () => {
  await using gateway = await routedGateway(routes(ends(': ping\n\n')));
  const stopping = new AbortController();
  const saying = said(['workspace', 'create', 'scout', '--wait', '--json'], {
    gateway: gateway.url,
    signal: stopping.signal,
  });
  await expect.poll(() => gateway.heard.length).toBe(2);
  const { Failure } = await import('../failure/failure.ts');
  stopping.abort(new Failure('interrupted', 'Stopped.'));
  const { code, out } = await saying;
  expect({ code, document: JSON.parse(out) as unknown }).toMatchObject({ code: 130, document: { id: scoutId } });
});

test('shows the credential of an external agent even when the wait for it fails', async () => {
  const connection = { auth_token: 'shown-once', curl_register_template: 'curl …\n' };
  await using gateway = await routedGateway({
    'POST /workspaces': json(201, { id: scoutId, status: 'awaiting_agent', external: true, connection }),
    [`GET /workspaces/${scoutId}`]: json(404, aProblem(404, 'WORKSPACE_NOT_FOUND', 'workspace not found')),
  });
  const words = ['workspace', 'create', 'remote', '--external', '--wait'];
  const people = await said(words, { gateway: gateway.url });
  expect(people).toMatchObject({ code: 3, out: expect.stringContaining('shown-once') });
  const programs = await said([...words, '--json'], { gateway: gateway.url });
  expect(programs.code).toBe(3);
  expect(JSON.parse(programs.out)).toMatchObject({ connection: { auth_token: 'shown-once' } });
});
