import { describe, expect, test } from 'vitest';
import {
  anOperation,
  aPlan,
  aProblem,
  aStep,
  aWorkspace,
  kidId,
  operationId,
  scoutId,
} from '../../../test/support/answers.ts';
import { said as plainlySaid } from '../../../test/support/said.ts';
import { json, type Reaction, sse, stream } from '../../../test/support/scripted-gateway.ts';
import type { WorldOptions } from '../../../test/support/world.ts';

const ends = (...events: string[]): Reaction => stream(events.join(''), { stays: true });
const path = (verb: string): string =>
  verb === 'delete' ? `DELETE /workspaces/${scoutId}` : `POST /workspaces/${scoutId}/${segments[verb] ?? verb}`;
const segments: Readonly<Record<string, string>> = { switch: 'switch-provider' };
/** The command with what it cannot do without. */
const wordsOf = (verb: string): string => `${verb} ${scoutId}${verb === 'switch' ? ' --to hetzner' : ''}`;
const operation_id = operationId;
const answers: Readonly<Record<string, object>> = {
  restart: { status: 'provisioning', config_dir: 'existing-volume', reset_session: false, operation_id },
  pause: { status: 'paused', paused_count: 1, operation_id },
  resume: { status: 'provisioning', resumed_count: 1, operation_id },
  hibernate: { status: 'hibernated', operation_id },
  wake: { status: 'waking', operation_id },
  switch: { status: 'switching', workspace_id: scoutId, from: 'aws', to: 'hetzner', operation_id },
  collapse: { status: 'collapsed', removed: ['kid'], operation_ids: [operationId] },
  delete: { status: 'removed', cascade_deleted: 0, operation_id },
};
const verbs = Object.keys(answers);
const family = json(200, [aWorkspace(), aWorkspace({ id: kidId, name: 'kid', parent_id: scoutId, status: 'paused' })]);
const running = json(200, { ...anOperation({ state: 'running', ended_at: null }), steps: [] });

const said = async (words: string, routes: Parameters<typeof plainlySaid>[1], options?: WorldOptions) => {
  const all = await plainlySaid(
    `workspace ${words}`,
    {
      'GET /workspaces': json(200, [aWorkspace()]),
      [`GET /workspaces/${scoutId}`]: json(200, aWorkspace()),
      [`GET /operations/${operationId}`]: running,
      ...routes,
    },
    options,
  );
  return { ...all, sent: all.heard.filter(({ method }) => method !== 'GET') };
};

describe.each(verbs)('workspace %s', (verb) => {
  const answered = { [path(verb)]: json(200, answers[verb]) };

  test('sends one request under the key it was given, and says what became of it', async () => {
    const { code, out, sent } = await said(`${wordsOf(verb)} --idempotency-key mine`, answered);
    expect({ code, key: sent.map(({ headers }) => headers['idempotency-key']) }).toEqual({ code: 0, key: ['mine'] });
    expect(out).toMatch(new RegExp(`^${(answers[verb] as { status: string }).status} {2}${scoutId}`));
  });

  test('gives programs the answer and the id, and prints the id only with --quiet', async () => {
    const { code, out, err } = await said(`${wordsOf(verb)} --json`, answered);
    expect({ code, err, document: JSON.parse(out) as unknown }).toEqual({
      code: 0,
      err: '',
      document: { id: scoutId, ...answers[verb] },
    });
    expect(await said(`${wordsOf(verb)} --quiet`, answered)).toMatchObject({ code: 0, out: `${scoutId}\n`, err: '' });
  });

  test('only shows the plan with --dry-run, and asks nobody', async () => {
    const plan = aPlan(verb);
    const routes = { [path(verb)]: json(200, plan), 'GET /workspaces': family };
    const { code, out, questions, sent } = await said(`${wordsOf(verb)} --dry-run`, routes, { columns: 100 });
    expect({ code, questions, asked: sent.map(({ target }) => target) }).toEqual({
      code: 0,
      questions: [],
      asked: [expect.stringContaining('dry_run=true')],
    });
    expect(out).toContain(`Nothing was done: ${verb} of 2 workspaces`);
    expect(out).toMatch(/kid +paused +queue +pause/);
    expect(out).toContain('steps of pause  begin → begin settle → settle → finish\n');
    const programs = await said(`${wordsOf(verb)} --dry-run --json`, routes);
    expect(JSON.parse(programs.out)).toEqual(plan);
  });

  test('says so when it was carried out in spite of --dry-run', async () => {
    const { code, err } = await said(`${wordsOf(verb)} --dry-run --json`, answered);
    expect({ code, body: JSON.parse(err) as unknown }).toMatchObject({ code: 1, body: { code: 'CLI_NO_DRY_RUN' } });
  });

  test.each([
    [404, 'WORKSPACE_NOT_FOUND', 3],
    [409, 'OPERATION_IN_PROGRESS', 4],
    [409, 'PARENT_PAUSED', 4],
    [503, 'NO_BACKEND', 6],
    [401, 'UNAUTHENTICATED', 5],
    [500, 'INTERNAL', 1],
  ])('says what was refused with %i %s, and ends with %i', async (status, code, exit) => {
    const refused = aProblem(status, code, 'no, because');
    const told = await said(`${wordsOf(verb)} --wait`, { [path(verb)]: json(status, refused) });
    expect({ code: told.code, out: told.out }).toEqual({ code: exit, out: '' });
    expect(told.err).toContain(`error: no, because (${code})\ntry: `);
    const programs = await said(`${wordsOf(verb)} --json`, { [path(verb)]: json(status, refused) });
    expect(JSON.parse(programs.err)).toEqual(refused);
  });

  test('fails with the cause and its remedy when the operation fails', async () => {
    const failure = { code: 'START_FAILED', text: 'workspace start failed', next_step: 'See the log.' };
    const failed = anOperation({ kind: 'restart', state: 'failed', failure });
    const { code, err } = await said(`${wordsOf(verb)} --wait`, {
      ...answered,
      [`GET /operations/${operationId}/events`]: ends(sse('end', failed)),
      [`GET /operations/${operationId}`]: json(200, { ...failed, steps: [] }),
      'GET /operations': json(200, []),
    });
    expect(code).toBe(1);
    expect(err).toContain('error: The restart failed: workspace start failed (START_FAILED)\ntry: See the log.\n');
  });

  test('says how to go on watching when its time is over', async () => {
    const { code, err } = await said(`${wordsOf(verb)} --wait --timeout 50ms`, {
      ...answered,
      [`GET /operations/${operationId}/events`]: ends(': ping\n\n'),
      'GET /operations': json(200, []),
    });
    expect(code).toBe(7);
    expect(err).toContain(`it goes on.\ntry: holdfast operation watch ${operationId}\n`);
  });
});

test('waits for a restart with its steps on standard error and the result on standard output', async () => {
  const { code, out, err, sent } = await said(
    `restart scout --template researcher --apply-template --rebuild-config --reset --wait`,
    {
      [path('restart')]: json(200, { ...answers['restart'], config_dir: 'researcher', reset_session: true }),
      [`GET /operations/${operationId}/events`]: ends(
        sse('step', aStep(1, 'settle', 'begun'), 1),
        sse('step', aStep(2, 'settle', 'done'), 2),
        sse('end', anOperation({ kind: 'restart' })),
      ),
    },
  );
  expect(JSON.parse(sent[0]?.body ?? '')).toEqual({
    template: 'researcher',
    apply_template: true,
    rebuild_config: true,
    reset: true,
  });
  expect({ code, err }).toEqual({ code: 0, err: '✓ settle     1.0 s\n' });
  expect(out).toBe(
    `provisioning  scout  ${scoutId}  from template researcher  with a fresh session\nonline  after 2.0 s  http://127.0.0.1:9000\n`,
  );
});

test('gives programs the restart, its operation and the workspace in one document', async () => {
  const { out } = await said('restart scout --wait --json', {
    [path('restart')]: json(200, answers['restart']),
    [`GET /operations/${operationId}/events`]: ends(sse('end', anOperation({ kind: 'restart' }))),
  });
  expect(JSON.parse(out)).toEqual({
    id: scoutId,
    ...answers['restart'],
    status: 'online',
    operation: anOperation({ kind: 'restart' }),
    workspace: aWorkspace(),
  });
});

test('says why a restart does nothing for an agent that others run', async () => {
  const noop = { status: 'noop', runtime: 'external', message: 'the platform runs no box for it' };
  expect(await said('restart scout --wait', { [path('restart')]: json(200, noop) })).toMatchObject({
    code: 0,
    out: `noop  scout  ${scoutId}  the platform runs no box for it\n`,
    err: '',
  });
});

test('names the commands to go on with', async () => {
  expect((await said('pause scout', { [path('pause')]: json(200, answers['pause']) })).err).toBe(
    `It goes on; to watch: holdfast operation watch ${operationId}\nTo bring it back: holdfast workspace resume scout\n`,
  );
  const ended = json(200, { ...anOperation({ kind: 'hibernate' }), steps: [] });
  const routes = { [path('hibernate')]: json(200, answers['hibernate']), [`GET /operations/${operationId}`]: ended };
  expect((await said('hibernate scout', routes)).err).toBe('To wake it: holdfast workspace wake scout\n');
});

test('asks before it pauses what is below, shows who that is, and does nothing without a yes', async () => {
  const routes = { [path('pause')]: json(200, answers['pause']), 'GET /workspaces': family };
  const no = await said('pause scout', routes, { columns: 80, answers: [false] });
  expect(no).toMatchObject({ code: 4, questions: ['Pause 2 workspaces?'], sent: [] });
  expect(no.err).toContain('  scout  online\n  └─ kid  paused\n');
  expect(await said('pause scout', routes, { columns: 80, answers: [true] })).toMatchObject({ code: 0 });
  expect(await said('pause scout --yes', routes, { columns: 80 })).toMatchObject({ code: 0, questions: [] });
  // What can be taken back needs no yes of a program.
  expect(await said('pause scout', routes)).toMatchObject({ code: 0, questions: [] });
});

test('removes what is below a workspace for a program only with --yes', async () => {
  const routes = { [path('collapse')]: json(200, answers['collapse']), 'GET /workspaces': family };
  const { code, err, sent } = await said('collapse scout --json', routes);
  expect({ code, sent, body: JSON.parse(err) as unknown }).toMatchObject({
    code: 4,
    sent: [],
    body: { code: 'CONFIRMATION_REQUIRED', error: 'This is for 1 workspace: kid.' },
  });
  expect(await said('collapse scout --yes', routes)).toMatchObject({
    code: 0,
    out: `collapsed  scout  ${scoutId}  without kid\n`,
  });
  expect((await said('collapse scout', routes, { columns: 80, answers: [true] })).questions).toEqual([
    'Remove 1 workspace?',
  ]);
});

test('tells each member of a tree once it has ended, and how many did', async () => {
  const kid = { id: operationId.replace(/^2/, '3'), workspace_id: kidId, kind: 'pause', parent_id: operationId };
  const root = { kind: 'pause', tree_root: scoutId };
  const failure = { code: 'SETTLE_FAILED', text: 'a box did not stop', next_step: 'Wait for the sweeper.' };
  const open = anOperation({ ...kid, state: 'running', phase: 'settle', ended_at: null });
  const members = (last: object) => ({
    [path('pause')]: json(200, { ...answers['pause'], paused_count: 2 }),
    'GET /workspaces': family,
    [`GET /operations/${operationId}`]: json(200, { ...anOperation(root), steps: [] }),
    'GET /operations': [json(200, [open]), json(200, [last])],
  });
  const good = await said('pause scout --yes --wait', members(anOperation(kid)), { columns: 100 });
  expect(good.code).toBe(0);
  expect(good.err).toContain('1 of 2 workspaces done: kid settle');
  expect(good.err.match(/✓ \w+/g)).toEqual(['✓ scout', '✓ kid']);
  expect(good.out).toBe(
    `paused  scout  ${scoutId}  with 1 workspace below it\n2 workspaces: 2 succeeded  after 2.0 s\n`,
  );
  const bad = await said('pause scout --wait --json', members(anOperation({ ...kid, state: 'failed', failure })));
  expect(bad.code).toBe(1);
  expect(JSON.parse(bad.out)).toMatchObject({
    paused_count: 2,
    operations: [{ state: 'succeeded' }, { state: 'failed' }],
  });
  expect(JSON.parse(bad.err)).toMatchObject({
    error: '2 workspaces: 1 succeeded, 1 failed. The first: The pause failed: a box did not stop',
    code: 'SETTLE_FAILED',
    next_step: 'Wait for the sweeper.',
    tree_id: operationId,
  });
});

test('says how to force what works at something', async () => {
  const refused = aProblem(409, 'ACTIVE_TASKS', 'workspace has 1 active tasks');
  const told = await said('hibernate scout', { [path('hibernate')]: json(409, refused) });
  expect(told).toMatchObject({
    code: 4,
    err: 'error: workspace has 1 active tasks (ACTIVE_TASKS)\ntry: wait for them, or repeat with --force\n',
  });
  const forced = await said('hibernate scout --force', { [path('hibernate')]: json(200, answers['hibernate']) });
  expect(forced.sent[0]?.target).toContain('force=true');
});

test('tells a hibernation that failed as the gateway does', async () => {
  const refused = aProblem(500, 'HIBERNATE_FAILED', 'failed to hibernate workspace');
  expect(await said('hibernate scout --wait', { [path('hibernate')]: json(500, refused) })).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining(
      'error: failed to hibernate workspace (HIBERNATE_FAILED)\ntry: what to do about HIBERNATE_FAILED\n',
    ),
  });
});
