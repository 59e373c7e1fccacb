import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addWorkspace, addWorkspaceToken, type TestGateway, testGateway } from './support/gateway.ts';
import { eventsOf, statusOf } from './support/given.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await testGateway();
});
afterAll(() => gateway.close());

const report = (id: string, body: unknown = { error: 'crashed', log_tail: 'the tail' }, headers = {}) =>
  gateway.call('POST', `/admin/workspaces/${id}/bootstrap-failed`, { body, headers });
const textOf = async (id: string) =>
  (await gateway.db.workspace.findUniqueOrThrow({ where: { id } })).lastSampleError ?? '';

/** A bring-up whose box is booting. */
async function booting(columns: Record<string, unknown> = {}) {
  const [operationId, boxId] = [randomUUID(), randomUUID()];
  const id = await addWorkspace(gateway.db, {
    status: 'provisioning',
    operationId,
    boxId,
    boxOperationId: operationId,
    ...columns,
  });
  return { id, operationId, boxId };
}

test('fails the bring-up whose box crashed, tells so, and pokes who waits for it', async () => {
  const { id } = await booting();
  const answer = await report(id, { error: '  out of memory \n', log_tail: 'line 1\nline 2' });
  expect([answer.statusCode, answer.json()]).toEqual([200, { ok: true }]);
  expect([await statusOf(gateway.db, id), await textOf(id)]).toEqual(['failed', 'out of memory\n\nline 1\nline 2']);
  expect(await eventsOf(gateway.db, id)).toEqual([
    ['WORKSPACE_PROVISION_FAILED', { error: 'out of memory', log_tail: 'line 1\nline 2', source: 'bootstrap_watcher' }],
  ]);
  expect(gateway.poked).toContain(id);
});

test('a second report changes nothing and sends no event: the watcher need not repeat itself', async () => {
  const { id } = await booting();
  await report(id);
  const again = await report(id, { error: 'another', log_tail: '' });
  expect([again.statusCode, again.json()]).toEqual([200, { ok: true, no_change: true }]);
  expect(await textOf(id)).toBe('crashed\n\nthe tail');
  expect(await eventsOf(gateway.db, id)).toHaveLength(1);
});

test('of ten at once one counts', async () => {
  const { id } = await booting();
  const answers = await Promise.all(Array.from({ length: 10 }, () => report(id)));
  expect(answers.filter((answer) => !('no_change' in answer.json()))).toHaveLength(1);
  expect(await eventsOf(gateway.db, id)).toHaveLength(1);
});

describe('counts for nothing when', () => {
  const unchanged = async (id: string, body?: unknown) => {
    const before = await statusOf(gateway.db, id);
    expect((await report(id, body)).json()).toEqual({ ok: true, no_change: true });
    expect(await statusOf(gateway.db, id)).toBe(before);
    expect(await eventsOf(gateway.db, id)).toEqual([]);
    expect(gateway.poked).not.toContain(id);
  };

  test.each(['online', 'degraded', 'offline', 'failed', 'paused', 'hibernated', 'removed'] as const)(
    'the workspace is %s',
    async (status) => unchanged((await booting({ status })).id),
  );

  test('there is no such workspace', () => unchanged(randomUUID()));

  test('it is about another box than the current one', async () => {
    const { id } = await booting();
    await unchanged(id, { error: 'x', log_tail: '', box_id: randomUUID() });
  });

  test('the current box is still the one that a restart is about to replace', async () => {
    const { id, boxId } = await booting({ operationId: randomUUID() });
    await unchanged(id);
    await unchanged(id, { error: 'x', log_tail: '', box_id: boxId });
  });

  test('the bring-up has no box yet', async () => {
    await unchanged((await booting({ boxId: null, boxOperationId: null })).id);
  });
});

test('counts when it names the current box, and when nobody owns the workspace', async () => {
  const { id, boxId } = await booting();
  expect((await report(id, { error: 'x', log_tail: '', box_id: boxId.toUpperCase() })).json()).toEqual({ ok: true });
  const free = await addWorkspace(gateway.db, { status: 'provisioning' });
  expect((await report(free)).json()).toEqual({ ok: true });
});

describe('keeps of what it is told', () => {
  test('a sentence of its own when there is no error text', async () => {
    const { id } = await booting();
    await report(id, { error: ' \n', log_tail: 'tail' });
    expect(await textOf(id)).toBe('bootstrap failed — see log_tail\n\ntail');
    const bare = await booting();
    await report(bare.id, {});
    expect(await textOf(bare.id)).toBe('bootstrap failed — see log_tail');
  });

  test('a tail of 8192 bytes whole, and of a longer one the end behind a mark', async () => {
    const [exact, longer] = [await booting(), await booting()];
    await report(exact.id, { error: 'e', log_tail: 'x'.repeat(8_192) });
    await report(longer.id, { error: 'e', log_tail: `${'a'.repeat(10)}${'x'.repeat(8_192)}` });
    const tail = async (id: string) => (await eventsOf(gateway.db, id))[0]?.[1] as { log_tail: string };
    expect((await tail(exact.id)).log_tail).toBe('x'.repeat(8_192));
    expect((await tail(longer.id)).log_tail).toBe(`...(truncated)...\n${'x'.repeat(8_192)}`);
    expect(Buffer.byteLength(await textOf(longer.id))).toBe(8_192);
  });

  test.each([1, 2, 3, 4])('whole characters only, wherever the cuts fall (%i)', async (shift) => {
    const { id } = await booting();
    await report(id, { error: 'e'.repeat(shift), log_tail: `${'x'.repeat(shift)}${'😀é'.repeat(3_000)}` });
    const [[, payload] = []] = await eventsOf(gateway.db, id);
    const { log_tail: kept } = payload as { log_tail: string };
    expect(kept).toMatch(/^\.\.\.\(truncated\)\.\.\.\né?(😀é)+$/u);
    expect(Buffer.byteLength(kept) - 18).toBeGreaterThan(8_188);
    const text = await textOf(id);
    expect(text.isWellFormed() && !text.includes('\uFFFD')).toBe(true);
    expect(Buffer.byteLength(text)).toBeGreaterThan(8_188);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(8_192);
  });

  test('what a console writes besides text, without losing the report', async () => {
    const { id } = await booting();
    expect((await report(id, { error: 'a\u0000b', log_tail: '\u0000' })).json()).toEqual({ ok: true });
    expect(await textOf(id)).toBe('a\uFFFDb\n\n\uFFFD');
  });
});

describe('refuses', () => {
  test.each<[string, unknown]>([
    ['no body', undefined],
    ['no JSON', '{'],
    ['a number as text', { error: 5 }],
    ['a list', '[]'],
    ['a box that is none', { error: 'x', log_tail: '', box_id: 'nonsense' }],
  ])('%s', async (_what, body) => {
    const { id } = await booting();
    const answer =
      body === undefined
        ? await gateway.call('POST', `/admin/workspaces/${id}/bootstrap-failed`)
        : await report(id, body);
    expect([answer.statusCode, answer.json()['error']]).toEqual([400, 'invalid request body']);
    expect(await statusOf(gateway.db, id)).toBe('provisioning');
  });

  test('an agent, also for its own workspace', async () => {
    const { id } = await booting();
    const token = await addWorkspaceToken(gateway.db, id);
    const answer = await gateway.call('POST', `/admin/workspaces/${id}/bootstrap-failed`, { token, body: {} });
    expect(answer.statusCode).toBe(401);
  });
});

test('a repetition under one key gets the answer of the first', async () => {
  const { id } = await booting();
  const headers = { 'idempotency-key': 'boot-1' };
  expect((await report(id, undefined, headers)).json()).toEqual({ ok: true });
  expect((await report(id, undefined, headers)).json()).toEqual({ ok: true });
  expect(await eventsOf(gateway.db, id)).toHaveLength(1);
});
