import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { announceOperation } from '@holdfast/activities/operation/notices';
import { recordStep } from '@holdfast/activities/operation/steps';
import { announceRevoked } from '@holdfast/activities/token/tokens';
import { waitFor } from '@holdfast/infra/testing/index';
import { Notifications } from '../src/database/notifications.ts';
import { listen, type Listening } from '../src/http/listen.ts';
import { OperationDetail, OperationList } from '../src/operation/operation.dto.ts';
import { addOrgToken, addWorkspaceToken, adminToken, type TestGateway, testGateway } from './support/gateway.ts';
import { addOperation } from './support/given.ts';

let gateway: TestGateway;
let listening: Listening;
beforeAll(async () => {
  gateway = await testGateway({ settings: { streamPingMs: 50 } });
  listening = await listen(gateway.app, ['127.0.0.1'], 0);
  await waitFor(() => gateway.app.get(Notifications).listening);
});
afterAll(() => gateway.close());
const step = (operationId: string, name: string, state: 'begun' | 'done' = 'done') =>
  gateway.db.$transaction((tx) => recordStep(tx, { operationId, cycle: 1, step: name, state }));
const end = (id: string) =>
  gateway.db.$transaction(async (tx) => {
    await tx.operation.update({ where: { id }, data: { state: 'succeeded', endedAt: new Date() } });
    await announceOperation(tx, id);
  });

test('lists operations newest first, narrowed by state, kind and workspace', async () => {
  const { id: failed, workspaceId } = await addOperation(gateway.db, {
    state: 'failed',
    failureCode: 'NO_BACKEND',
    failureText: 'no backend here',
  });
  const { id: open } = await addOperation(gateway.db, { state: 'running', workspaceId, runId: 'run-1' });
  const { id: other } = await addOperation(gateway.db, { kind: 'delete' });
  const ids = async (query: string) =>
    OperationList.parse((await gateway.call('GET', query)).json()).map((row) => row.id);
  expect((await ids('/operations')).slice(0, 3)).toEqual([other, open, failed]);
  expect(await ids(`/workspaces/${workspaceId}/operations`)).toEqual([open, failed]);
  expect(await ids(`/workspaces/${workspaceId}/operations?state=open`)).toEqual([open]);
  expect(await ids(`/workspaces/${workspaceId}/operations?state=failed&kind=provision`)).toEqual([failed]);
  expect(await ids('/operations?kind=delete&limit=1')).toEqual([other]);
});

describe('narrows the list', () => {
  const ids = async (query: string) =>
    OperationList.parse((await gateway.call('GET', `/operations?${query}`)).json()).map((row) => row.id);

  test('by workspace, actor, request and failure', async () => {
    const actor = `org-token:${randomUUID().slice(0, 8)}`;
    const { id: request, workspaceId } = await addOperation(gateway.db, { actor, treeRoot: randomUUID() });
    const { id: member } = await addOperation(gateway.db, {
      actor,
      parentId: request,
      state: 'failed',
      failureCode: 'START_FAILED',
    });
    expect(await ids(`workspace_id=${workspaceId.toUpperCase()}`)).toEqual([request]);
    expect(await ids(`actor=${actor}`)).toEqual([member, request]);
    expect(await ids(`parent_id=${request}`)).toEqual([member]);
    expect(await ids(`actor=${actor}&failure_code=START_FAILED`)).toEqual([member]);
    expect(await ids(`actor=${actor}&state=open`)).toEqual([request]);
    expect(await ids(`actor=${actor}&kind=delete`)).toEqual([]);
  });

  test('by time, the first moment included and the last not', async () => {
    const actor = randomUUID();
    const at = (second: number) => new Date(Date.UTC(2020, 0, 1, 0, 0, second));
    const made: string[] = [];
    for (const second of [1, 2, 3]) made.push((await addOperation(gateway.db, { actor, acceptedAt: at(second) })).id);
    const [first, second, third] = made;
    expect(await ids(`actor=${actor}&since=${at(2).toISOString()}`)).toEqual([third, second]);
    expect(await ids(`actor=${actor}&until=${at(2).toISOString()}`)).toEqual([first]);
    expect(await ids(`actor=${actor}&since=2020-01-01T01:00:02%2B01:00&until=${at(3).toISOString()}`)).toEqual([
      second,
    ]);
  });

  test('page by page, each once and newest first, also while new ones come', async () => {
    const actor = randomUUID();
    const made: string[] = [];
    for (let n = 0; n < 7; n += 1) made.unshift((await addOperation(gateway.db, { actor })).id);
    const seen: string[] = [];
    for (let before = ''; ;) {
      const page = OperationList.parse(
        (await gateway.call('GET', `/operations?actor=${actor}&limit=3${before}`)).json(),
      );
      if (page.length === 0) break;
      seen.push(...page.map((row) => row.id));
      before = `&before=${page.at(-1)?.seq}`;
      await addOperation(gateway.db, { actor });
    }
    expect(seen).toEqual(made);
  });

  test('of one workspace alike, whoever asks for another', async () => {
    const { id, workspaceId } = await addOperation(gateway.db, { actor: 'somebody' });
    const { workspaceId: other } = await addOperation(gateway.db, { actor: 'somebody' });
    const of = async (query: string) =>
      OperationList.parse((await gateway.call('GET', `/workspaces/${workspaceId}/operations?${query}`)).json());
    expect((await of('actor=somebody')).map((row) => row.id)).toEqual([id]);
    expect(await of('actor=nobody')).toEqual([]);
    expect(await of(`workspace_id=${other}`)).toEqual([]);
  });
});

test('shows what a request is part of, what its cycle was asked for and what the next agent is told', async () => {
  const [treeRoot, parentId] = [randomUUID(), randomUUID()];
  const { id } = await addOperation(gateway.db, {
    treeRoot,
    parentId,
    cycleRequest: { template: 'support', reset: true },
    restartContext: { variables: ['A_KEY'] },
  });
  expect((await gateway.call('GET', `/operations/${id}`)).json()).toMatchObject({
    seq: expect.any(Number),
    tree_root: treeRoot,
    parent_id: parentId,
    cycle_request: { template: 'support', reset: true },
    restart_context: { variables: ['A_KEY'] },
    cancel_requested_at: null,
  });
});

test.each([
  'workspace_id=nonsense',
  'parent_id=nonsense',
  'since=yesterday',
  'until=2020-01-01',
  'before=0',
  'before=x',
  `actor=${'x'.repeat(201)}`,
  'state=nonsense',
  'kind=nonsense',
  'limit=0',
  'limit=501',
  'limit=x',
  'limit=1.5',
  'state=open&state=failed',
])('refuses ?%s', async (query) => {
  const answer = await gateway.call('GET', `/operations?${query}`);
  expect(answer.statusCode).toBe(400);
  expect(answer.json<{ error: string }>().error).not.toBe('invalid request body');
});

test('shows one with its steps, its cause and where to find it', async () => {
  const { id, workspaceId } = await addOperation(gateway.db, {
    state: 'failed',
    failureCode: 'NO_BACKEND',
    failureText: 'no backend here',
    runId: 'run-2',
  });
  await step(id, 'prepare');
  const view = OperationDetail.parse((await gateway.call('GET', `/operations/${id}`)).json());
  expect(view).toMatchObject({
    id,
    workspace_id: workspaceId,
    workflow_id: `ws:${workspaceId}`,
    run_id: 'run-2',
    phase: 'prepare',
    failure: { code: 'NO_BACKEND', text: 'no backend here', next_step: expect.stringContaining('doctor') },
    steps: [{ seq: 1, step: 'prepare', cycle: 1, state: 'done', detail: null }],
  });
});

test('an agent sees the operations of its own workspace and learns of no other', async () => {
  const { id, workspaceId } = await addOperation(gateway.db);
  const { id: foreign } = await addOperation(gateway.db);
  const token = await addWorkspaceToken(gateway.db, workspaceId);
  expect((await gateway.call('GET', `/operations/${id}`, { token })).statusCode).toBe(200);
  for (const path of [`/operations/${foreign}`, `/operations/${foreign}/events`, `/operations/${randomUUID()}`]) {
    expect((await gateway.call('GET', path, { token })).json()).toMatchObject({
      error: 'operation not found',
      status: 404,
    });
  }
  expect((await gateway.call('GET', '/operations/nonsense')).json()).toMatchObject({
    error: 'invalid operation ID',
    status: 400,
  });
});

describe('the event stream', () => {
  const open = (id: string, headers: Record<string, string> = {}) =>
    fetch(`${listening.urls[0]}/operations/${id}/events`, {
      headers: { authorization: `Bearer ${adminToken}`, ...headers },
    });

  test('sends the steps there were, those that follow, and the end', async () => {
    const { id } = await addOperation(gateway.db, { state: 'running', runId: randomUUID() });
    await step(id, 'prepare');
    const answer = await open(id);
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    expect(answer.headers.get('x-accel-buffering')).toBe('no');
    expect(answer.headers.get('x-frame-options')).toBe('DENY');
    expect(answer.headers.get('x-ratelimit-limit')).not.toBeNull();
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const until = async (wanted: string) => {
      while (!text.includes(wanted)) text += (await reader?.read())?.value ?? '';
    };
    await until('"step":"prepare"');
    expect(text.startsWith(': ping\n\n')).toBe(true);
    // Comments keep an idle stream open.
    await until(': ping\n\n: ping');
    await step(id, 'start');
    await until('id: 2\nevent: step\ndata: {"seq":2,"step":"start"');
    await end(id);
    await until('event: end\n');
    expect(await reader?.read()).toEqual({ done: true, value: undefined });
  });

  test('resumes after the last event a client has seen', async () => {
    const { id } = await addOperation(gateway.db, { state: 'running', runId: randomUUID() });
    for (const name of ['prepare', 'mint', 'start']) await step(id, name);
    await end(id);
    const text = await (await open(id, { 'last-event-id': '2' })).text();
    expect(text.match(/^id: .*$/gm)).toEqual(['id: 3']);
    for (const odd of ['nonsense', '-1', '1e99', '2.5'])
      expect((await (await open(id, { 'last-event-id': odd })).text()).match(/^id: /gm)).toHaveLength(3);
  });

  test('ends with the org token that it was opened by', async () => {
    const { id } = await addOperation(gateway.db, { state: 'running', runId: randomUUID() });
    const answer = await open(id, { authorization: `Bearer ${await addOrgToken(gateway.db)}` });
    expect(answer.status).toBe(200);
    await announceRevoked(gateway.db, 'org');
    expect(await answer.text()).not.toContain('event: end');
  });

  test('misses no step under many writers and readers', async () => {
    const { id } = await addOperation(gateway.db, { state: 'running', runId: randomUUID() });
    const readers = Array.from({ length: 10 }, async () => (await open(id)).text());
    for (let n = 0; n < 50; n += 1) await step(id, `step ${n}`);
    await end(id);
    for (const text of await Promise.all(readers)) {
      expect(text.match(/(?<=^id: )\d+$/gm)).toEqual(Array.from({ length: 50 }, (_, n) => String(n + 1)));
    }
  });
});
