import { describe, expect, test } from 'vitest';
import { anOperation, aPlan, aProblem, aWorkspace, kidId, operationId, scoutId } from '../../test/support/answers.ts';
import { said } from '../../test/support/said.ts';
import { json, sse, stream } from '../../test/support/scripted-gateway.ts';

const newId = operationId.replace(/^2/, '5');
const cancel = `POST /operations/${operationId}/cancel`;
const retry = `POST /operations/${operationId}/retry`;
const cancelling = json(202, { status: 'cancelling', operation_id: operationId });
const accepted = json(200, { status: 'accepted', operation_id: newId, retries: operationId });
const ends = (operation: object) => stream(sse('end', operation), { stays: true });

describe.each([
  ['cancel', cancel, cancelling],
  ['retry', retry, accepted],
])('operation %s', (verb, route, answer) => {
  test('sends one request under the key it was given', async () => {
    const { code, heard } = await said(`operation ${verb} ${operationId} --idempotency-key mine`, { [route]: answer });
    expect({ code, keys: heard.map(({ headers }) => headers['idempotency-key']) }).toEqual({ code: 0, keys: ['mine'] });
  });

  test('only shows the plan with --dry-run', async () => {
    const routes = { [route]: json(200, aPlan(verb)) };
    const { code, out, heard } = await said(`operation ${verb} ${operationId} --dry-run`, routes);
    expect({ code, target: heard[0]?.target }).toEqual({ code: 0, target: expect.stringContaining('dry_run=true') });
    expect(out).toContain(`Nothing was done: ${verb} of 2 workspaces`);
  });

  test.each([
    [404, 'OPERATION_NOT_FOUND', 3],
    [409, 'OPERATION_NOT_CANCELLABLE', 4],
    [409, 'OPERATION_NOT_RETRYABLE', 4],
  ])('says what was refused with %i %s, and ends with %i', async (status, code, exit) => {
    const routes = { [route]: json(status, aProblem(status, code, 'no, because')) };
    expect(await said(`operation ${verb} ${operationId}`, routes)).toMatchObject({
      code: exit,
      out: '',
      err: `error: no, because (${code})\ntry: what to do about ${code}\n`,
    });
  });
});

test('says that a cancel is under way, and how to watch it', async () => {
  expect(await said(`operation cancel ${operationId}`, { [cancel]: cancelling })).toMatchObject({
    out: `cancelling  ${operationId}\n`,
    err: `It ends as soon as its step lets go; to watch: holdfast operation watch ${operationId}\n`,
  });
});

test('waits until it is cancelled, which is a good end here', async () => {
  const ended = anOperation({ state: 'cancelled', cancel_requested_at: new Date().toISOString() });
  const routes = { [cancel]: cancelling, [`GET /operations/${operationId}/events`]: ends(ended) };
  const { code, out } = await said(`operation cancel ${operationId} --wait`, routes);
  expect(code).toBe(0);
  expect(out).toMatch(/state +cancelled\n/);
});

test('fails when the cancel came too late', async () => {
  const routes = { [cancel]: cancelling, [`GET /operations/${operationId}/events`]: ends(anOperation()) };
  expect(await said(`operation cancel ${operationId} --wait`, routes)).toMatchObject({
    code: 1,
    err: `error: The cancel came too late: the provision is succeeded.\ntry: holdfast operation get ${operationId}\n`,
  });
});

test('waits for the new operation of a retry, and fails when that fails', async () => {
  const failure = { code: 'START_FAILED', text: 'workspace start failed', next_step: 'See the log.' };
  const routes = (end: object) => ({
    [retry]: accepted,
    [`GET /operations/${newId}`]: json(200, { ...anOperation({ id: newId }), steps: [] }),
    [`GET /operations/${newId}/events`]: ends(anOperation({ id: newId, kind: 'restart', ...end })),
  });
  const good = await said(`operation retry ${operationId} --wait --json`, routes({}));
  expect({ code: good.code, document: JSON.parse(good.out) as unknown }).toMatchObject({
    code: 0,
    document: { status: 'accepted', retries: operationId, operation: { id: newId, state: 'succeeded' } },
  });
  expect(await said(`operation retry ${operationId} --wait -q`, routes({ state: 'failed', failure }))).toMatchObject({
    code: 1,
    out: `${newId}\n`,
    err: 'error: The restart failed: workspace start failed (START_FAILED)\ntry: See the log.\n',
  });
});

describe('a request over a tree', () => {
  const member = anOperation({
    id: newId,
    workspace_id: kidId,
    kind: 'pause',
    parent_id: operationId,
    tree_root: scoutId,
  });
  const root = { ...anOperation({ kind: 'pause', tree_root: scoutId }), steps: [] };
  const names = json(200, [aWorkspace(), aWorkspace({ id: kidId, name: 'kid' })]);
  const rooted = {
    [`GET /operations/${operationId}`]: json(200, root),
    'GET /operations': json(200, [member]),
    'GET /workspaces': names,
  };

  test('is watched with all of its members', async () => {
    const { code, out } = await said(`operation watch ${operationId}`, rooted);
    expect(code).toBe(0);
    expect(out).toBe(
      '✓ scout      2.0 s  pause succeeded\n✓ kid        2.0 s  pause succeeded\n\n2 workspaces: 2 succeeded  after 2.0 s\n',
    );
  });

  test('is one document a member for programs, and all of them at the end', async () => {
    const { out } = await said(`operation watch ${operationId} --json`, rooted);
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { member?: { id: string }; end?: { id: string }[] });
    expect(lines.map(({ member: one, end }) => one?.id ?? end?.map(({ id }) => id))).toEqual([
      operationId,
      newId,
      [operationId, newId],
    ]);
  });

  test('needs no operation of its root', async () => {
    const routes = { 'GET /operations': json(200, [member]), 'GET /workspaces': names };
    expect(await said(`operation watch ${operationId} -q`, routes)).toMatchObject({ code: 0, out: 'succeeded\n' });
  });

  test('is over for a member that was merged when what serves it is over', async () => {
    const into = operationId.replace(/^2/, '6');
    const merged = { ...member, state: 'coalesced', coalesced_into: into };
    const serving = anOperation({ id: into, workspace_id: kidId, kind: 'restart', state: 'running', ended_at: null });
    const failure = { code: 'AGENT_TIMEOUT', text: 'it never came', next_step: 'See the log.' };
    const { code, out } = await said(`operation watch ${operationId}`, {
      ...rooted,
      'GET /operations': json(200, [merged]),
      [`GET /operations/${into}`]: [
        json(200, { ...serving, steps: [] }),
        json(200, { ...serving, state: 'failed', failure, ended_at: '2026-01-01T00:00:03.000Z', steps: [] }),
      ],
    });
    expect(code).toBe(1);
    expect(out).toContain('✗ kid        3.0 s  restart failed: it never came\n');
  });

  test('is told from an id that nothing is known of', async () => {
    const routes = {
      [`GET /operations/${operationId}`]: json(404, aProblem(404, 'OPERATION_NOT_FOUND', 'operation not found')),
      'GET /operations': json(200, []),
    };
    expect(await said(`operation watch ${operationId}`, routes)).toMatchObject({
      code: 3,
      err: expect.stringContaining('operation not found'),
    });
  });
});

test('shows what an operation is part of, asks for and was told', async () => {
  const operation = anOperation({
    kind: 'restart',
    parent_id: newId,
    tree_root: scoutId,
    cycle_request: { template: 'researcher', reset: true, rebuild: false },
    restart_context: { env_names: ['A', 'B'], previous_session_ended_at: null },
    cancel_requested_at: new Date().toISOString(),
    ended_at: null,
    state: 'running',
  });
  const { out } = await said(`operation get ${operationId}`, {
    [`GET /operations/${operationId}`]: json(200, { ...operation, steps: [] }),
  });
  expect(out).toContain(`part of       ${newId}  over the tree of ${scoutId}\n`);
  expect(out).toContain('asks for      template researcher, reset\n');
  expect(out).toContain('last session  env_names A B\n');
  expect(out).toMatch(/^cancel {8}asked for \d+s ago; it ends as soon as its step lets go$/m);
  const root = anOperation({ kind: 'pause', tree_root: scoutId });
  const asRoot = await said(`operation get ${operationId}`, {
    [`GET /operations/${operationId}`]: json(200, { ...root, steps: [] }),
  });
  expect(asRoot.out).toContain(`holdfast operation list --parent ${operationId}\n`);
});
