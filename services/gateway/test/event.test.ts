import { randomUUID } from 'node:crypto';
import { broadcast } from '@holdfast/activities/event/broadcast';
import { recordEvent } from '@holdfast/activities/event/event-records';
import { announceRevoked, revokeTokens } from '@holdfast/activities/token/tokens';
import { waitFor } from '@holdfast/infra/testing/index';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Notifications } from '../src/database/notifications.ts';
import { listen } from '../src/http/listen.ts';
import {
  addOrgToken,
  addWorkspace,
  addWorkspaceToken,
  adminToken,
  type TestGateway,
  testGateway,
} from './support/gateway.ts';

/** How long a token lives that is to expire while it is used. */
const LIFE_MS = 2_000;

let gateway: TestGateway;
let url: string;
const streams: AbortController[] = [];
beforeAll(async () => {
  gateway = await testGateway({ settings: { streamPingMs: 50 } });
  url = (await listen(gateway.app, ['127.0.0.1'], 0)).urls[0]!;
  await waitFor(() => gateway.app.get(Notifications).listening);
});
afterEach(() => {
  for (const stream of streams.splice(0)) stream.abort();
});
afterAll(() => gateway.close());

const record = (workspaceId: string, n: number, text = '') =>
  gateway.db.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT id FROM workspaces WHERE id = ${workspaceId}::uuid FOR UPDATE`;
    await recordEvent(tx, { workspaceId, type: 'WORKSPACE_ONLINE', payload: { n, ...(text ? { text } : {}) } });
  });

/** Opens a stream and gathers its text. */
async function open(
  workspaceId: string,
  { token = adminToken, headers = {} }: { token?: string; headers?: Record<string, string> } = {},
) {
  const ending = new AbortController();
  streams.push(ending);
  const answer = await fetch(`${url}/workspaces/${workspaceId}/events/stream`, {
    headers: { authorization: `Bearer ${token}`, ...headers },
    signal: ending.signal,
  });
  const stream = { answer, text: '', ended: false, messages: () => messagesOf(stream.text) };
  void (async () => {
    const decoder = new TextDecoder();
    for await (const part of answer.body!) stream.text += decoder.decode(part as Uint8Array, { stream: true });
    stream.ended = true;
  })().catch(() => undefined);
  return stream;
}

const messagesOf = (text: string) =>
  text
    .split('\n\n')
    .filter((block) => block.includes('data: '))
    .map((block) => ({
      id: /^id: (\d+)$/m.exec(block)?.[1] ?? null,
      ...(JSON.parse(/^data: (.*)$/m.exec(block)![1]!) as { type: string; timestamp: number; data: { n: number } }),
    }));

describe('a workspace’s event stream', () => {
  test('opens with a ping and goes on pinging', async () => {
    const stream = await open(await addWorkspace(gateway.db));
    expect(Object.fromEntries(stream.answer.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    });
    await waitFor(() => stream.text.startsWith(': ping\n\n: ping\n\n'));
  });

  test('sends its own events only, recorded ones with their number', async () => {
    const [id, other] = [await addWorkspace(gateway.db), await addWorkspace(gateway.db)];
    const stream = await open(id, { token: await addWorkspaceToken(gateway.db, id) });
    await record(other, 0);
    await record(id, 1);
    await broadcast(gateway.db, [
      { event: 'WORKSPACE_HEARTBEAT', workspace_id: id, timestamp: '2026-11-21T10:00:00.500Z', payload: { n: 2 } },
    ]);
    await waitFor(() => stream.messages().length === 2);
    expect(stream.messages()).toEqual([
      { id: '1', type: 'WORKSPACE_ONLINE', timestamp: expect.any(Number), data: { n: 1 } },
      { id: null, type: 'WORKSPACE_HEARTBEAT', timestamp: Date.parse('2026-11-21T10:00:00.500Z'), data: { n: 2 } },
    ]);
  });

  test('goes on where a client left off, without a gap and without repeating', async () => {
    const id = await addWorkspace(gateway.db);
    for (const n of [1, 2, 3]) await record(id, n);
    const writing = (async () => {
      for (let n = 4; n <= 30; n += 1) await record(id, n);
    })();
    const stream = await open(id, { headers: { 'last-event-id': '1' } });
    await writing;
    await waitFor(() => stream.messages().length === 29);
    expect(stream.messages().map(({ data }) => data.n)).toEqual(Array.from({ length: 29 }, (_, place) => place + 2));
  });

  test('starts with what comes when the client names no number it could have', async () => {
    const id = await addWorkspace(gateway.db);
    const before = await open(id);
    await record(id, 1);
    await waitFor(() => before.messages().length === 1);
    const stream = await open(id, { headers: { 'last-event-id': 'nonsense' } });
    await record(id, 2);
    await waitFor(() => stream.messages().length === 1);
    expect(stream.messages()[0]?.data.n).toBe(2);
  });

  test('loses no recorded event to a slow client', async () => {
    const id = await addWorkspace(gateway.db);
    const ending = new AbortController();
    streams.push(ending);
    const answer = await fetch(`${url}/workspaces/${id}/events/stream`, {
      headers: { authorization: `Bearer ${adminToken}`, 'last-event-id': '0' },
      signal: ending.signal,
    });
    const text = 'x'.repeat(100_000);
    for (let n = 1; n <= 100; n += 1) await record(id, n, text);
    await record(id, 101);
    const parts: string[] = [];
    const decoder = new TextDecoder();
    for await (const part of answer.body!) {
      parts.push(decoder.decode(part as Uint8Array, { stream: true }));
      if (parts.slice(-2).join('').includes('id: 101\n') && parts.at(-1)?.endsWith('\n\n')) break;
    }
    expect(messagesOf(parts.join('')).map(({ data }) => data.n)).toEqual(
      Array.from({ length: 101 }, (_, place) => place + 1),
    );
  });

  test('ends when the token of its agent is revoked', async () => {
    const id = await addWorkspace(gateway.db);
    const stream = await open(id, { token: await addWorkspaceToken(gateway.db, id, 'agent') });
    const others = await open(id);
    await revokeTokens(gateway.db, id);
    await waitFor(() => stream.ended);
    await record(id, 1);
    await waitFor(() => others.messages().length === 1);
    expect(stream.messages()).toEqual([]);
  });

  test('ends when an org token is revoked, and may be gone on with by another', async () => {
    const id = await addWorkspace(gateway.db);
    const stream = await open(id, { token: await addOrgToken(gateway.db) });
    await announceRevoked(gateway.db, 'org');
    await waitFor(() => stream.ended);
    await record(id, 1);
    const next = await open(id, { token: await addOrgToken(gateway.db), headers: { 'last-event-id': '0' } });
    await waitFor(() => next.messages().length === 1);
  });

  test('ends when its org token does, of which nobody is told', async () => {
    const expiresAt = new Date(Date.now() + LIFE_MS);
    const stream = await open(await addWorkspace(gateway.db), {
      token: await addOrgToken(gateway.db, null, expiresAt),
    });
    expect(stream.answer.status).toBe(200);
    await waitFor(() => stream.ended);
    expect(Date.now()).toBeGreaterThanOrEqual(Number(expiresAt));
  });

  test('of a client that is behind sends no more of what it missed once its token is revoked', async () => {
    const id = await addWorkspace(gateway.db);
    const token = await addWorkspaceToken(gateway.db, id, 'agent');
    // More than sockets and kernel buffers can hold together.
    const written = 150;
    for (let n = 1; n <= written; n += 1) await record(id, n, 'x'.repeat(100_000));
    const slow = await fetch(`${url}/workspaces/${id}/events/stream`, {
      headers: { authorization: `Bearer ${token}`, 'last-event-id': '0' },
    });
    const quick = await open(id, { token });
    await revokeTokens(gateway.db, id);
    await waitFor(() => quick.ended);
    expect(messagesOf(await slow.text()).length).toBeLessThan(written);
  });

  test('is not there for a workspace that is not', async () => {
    const answer = await gateway.call('GET', `/workspaces/${randomUUID()}/events/stream`);
    expect([answer.statusCode, answer.json()['error']]).toEqual([404, 'workspace not found']);
  });

  test('is not for other workspaces', async () => {
    const [id, other] = [await addWorkspace(gateway.db), await addWorkspace(gateway.db)];
    const answer = await gateway.call('GET', `/workspaces/${id}/events/stream`, {
      token: await addWorkspaceToken(gateway.db, other),
    });
    expect(answer.statusCode).toBe(401);
  });
});

describe('GET /events', () => {
  test('lists the newest first, of all workspaces or of one', async () => {
    const [a, b] = [await addWorkspace(gateway.db), await addWorkspace(gateway.db)];
    await record(a, 1);
    await record(b, 2);
    const all = (await gateway.call('GET', '/events')).json<{ workspace_id: string }[]>();
    expect(all.slice(0, 2).map(({ workspace_id }) => workspace_id)).toEqual([b, a]);
    const one = (await gateway.call('GET', `/events/${a}`)).json<unknown[]>();
    expect(one).toEqual([
      {
        id: expect.any(String),
        event_type: 'WORKSPACE_ONLINE',
        workspace_id: a,
        payload: { n: 1 },
        created_at: expect.stringMatching(/Z$/),
      },
    ]);
  });

  test('is an empty list for a workspace nobody heard of, and a mistake for what is no id', async () => {
    const unknown = await gateway.call('GET', `/events/${randomUUID()}`);
    expect([unknown.statusCode, unknown.json()]).toEqual([200, []]);
    const answer = await gateway.call('GET', '/events/x');
    expect([answer.statusCode, answer.json()['error']]).toEqual([400, 'invalid workspace ID']);
  });

  test('is for operators', async () => {
    const id = await addWorkspace(gateway.db);
    const token = await addWorkspaceToken(gateway.db, id);
    for (const path of ['/events', `/events/${id}`])
      expect((await gateway.call('GET', path, { token })).statusCode).toBe(401);
  });
});

test('two gateways on one database hear the same events', async () => {
  const second = await testGateway({ database: { url: gateway.url, database: gateway.db } });
  const [address] = (await listen(second.app, ['127.0.0.1'], 0)).urls;
  const id = await addWorkspace(gateway.db);
  const token = await addWorkspaceToken(gateway.db, id, 'agent');
  const stream = await open(id);
  const answer = await fetch(`${address}/registry/heartbeat`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ workspace_id: id }),
  });
  expect(answer.status).toBe(200);
  await waitFor(() => stream.messages().some(({ type }) => type === 'WORKSPACE_HEARTBEAT'));
  await second.close();
});
