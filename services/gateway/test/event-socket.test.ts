import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { broadcast } from '@holdfast/activities/event/broadcast';
import { type NewEvent, recordEvent } from '@holdfast/activities/event/event-records';
import { revokeTokens } from '@holdfast/activities/token/tokens';
import { waitFor } from '@holdfast/infra/testing/index';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Notifications } from '../src/database/notifications.ts';
import { listen } from '../src/http/listen.ts';
import { openSocket, refusedSocket, type TestSocket } from './support/event-socket.ts';
import {
  addOrgToken,
  addWorkspace,
  addWorkspaceToken,
  adminToken,
  type TestGateway,
  testGateway,
} from './support/gateway.ts';

let gateway: TestGateway;
let url: string;
const sockets: TestSocket[] = [];
beforeAll(async () => {
  gateway = await testGateway({ env: { CORS_ORIGINS: 'http://canvas.example.net' } });
  url = (await listen(gateway.app, ['127.0.0.1'], 0)).urls[0]!;
  await waitFor(() => gateway.app.get(Notifications).listening);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) await socket.close();
});
afterAll(() => gateway.close());

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
async function open(headers: Record<string, string>, protocols?: string[]): Promise<TestSocket> {
  const socket = await openSocket(url, headers, protocols);
  sockets.push(socket);
  return socket;
}
const record = (workspaceId: string, n: number, wanted: Partial<NewEvent> = {}) =>
  gateway.db.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT id FROM workspaces WHERE id = ${workspaceId}::uuid FOR UPDATE`;
    await recordEvent(tx, { workspaceId, type: 'WORKSPACE_ONLINE', payload: { n }, ...wanted });
  });
const chat = (workspaceId: string, event: string, payload: Record<string, unknown>) =>
  broadcast(gateway.db, [
    { event: event as never, workspace_id: workspaceId, timestamp: new Date().toISOString(), payload },
  ]);
const numbers = (socket: TestSocket, workspaceId: string) =>
  socket.heard.filter((event) => event.workspace_id === workspaceId).map(({ payload }) => payload['n']);
const anAgent = async (columns: Parameters<typeof addWorkspace>[1] = {}) => {
  const id = await addWorkspace(gateway.db, columns);
  return { id, token: await addWorkspaceToken(gateway.db, id, 'agent') };
};

describe('the canvas', () => {
  test('hears every event, recorded or not, in the four members of the envelope', async () => {
    const [a, b] = [await addWorkspace(gateway.db), await addWorkspace(gateway.db)];
    const canvas = await open(bearer(adminToken));
    await record(a, 1);
    await chat(b, 'AGENT_MESSAGE', { message: 'hello' });
    await waitFor(() => canvas.heard.length === 2);
    expect(canvas.heard).toEqual([
      { event: 'WORKSPACE_ONLINE', workspace_id: a, timestamp: expect.any(String), payload: { n: 1 } },
      { event: 'AGENT_MESSAGE', workspace_id: b, timestamp: expect.any(String), payload: { message: 'hello' } },
    ]);
  });

  test('hears the events of a workspace in their order', async () => {
    const id = await addWorkspace(gateway.db);
    const canvas = await open(bearer(await addOrgToken(gateway.db)));
    const wanted = Array.from({ length: 100 }, (_, n) => n);
    for (const n of wanted) await record(id, n);
    await waitFor(() => numbers(canvas, id).length === 100);
    expect(numbers(canvas, id)).toEqual(wanted);
  });

  test('may send its bearer as a protocol, and gets another one back', async () => {
    const canvas = await open({}, ['holdfast', `bearer.${adminToken}`]);
    expect(canvas.socket.protocol).toBe('holdfast');
  });

  test('incident 22: hears a heartbeat although nothing changed', async () => {
    const { id, token } = await anAgent({ runtime: 'external' });
    const canvas = await open(bearer(adminToken));
    for (const _ of [1, 2]) await gateway.call('POST', '/registry/heartbeat', { token, body: { workspace_id: id } });
    await waitFor(
      () =>
        canvas.heard.filter(({ event, workspace_id }) => event === 'WORKSPACE_HEARTBEAT' && workspace_id === id)
          .length === 2,
    );
  });
});

describe('an agent', () => {
  test('hears those it may talk to and nobody else', async () => {
    const root = await addWorkspace(gateway.db);
    const { id, token } = await anAgent({ parentId: root });
    const child = await addWorkspace(gateway.db, { parentId: id });
    const sibling = await addWorkspace(gateway.db, { parentId: root });
    const nephew = await addWorkspace(gateway.db, { parentId: sibling });
    const agent = await open({ ...bearer(token), 'x-workspace-id': id });
    for (const workspaceId of [nephew, root, child, sibling, id]) await record(workspaceId, 1);
    await waitFor(() => numbers(agent, id).length === 1);
    expect(agent.heard.map(({ workspace_id }) => workspace_id)).toEqual([root, child, sibling, id]);
  });

  test('hears of a workspace that was made after it began to listen', async () => {
    const { id, token } = await anAgent();
    const agent = await open(bearer(token));
    await record(id, 1);
    const child = await addWorkspace(gateway.db, { parentId: id });
    await record(child, 2);
    await waitFor(() => numbers(agent, child).length === 1);
  });

  test('hears chat of its own workspace only', async () => {
    const { id, token } = await anAgent();
    const other = await addWorkspace(gateway.db);
    const agent = await open(bearer(token));
    for (const workspaceId of [other, id]) {
      await chat(workspaceId, 'AGENT_MESSAGE', { message: 'hello' });
      await chat(workspaceId, 'ACTIVITY_LOGGED', { n: 1, request_body: 'a', response_body: 'b', tool_trace: 'c' });
    }
    await waitFor(() => agent.heard.length === 3);
    expect(agent.heard.map(({ workspace_id, event, payload }) => ({ workspace_id, event, payload }))).toEqual([
      { workspace_id: other, event: 'ACTIVITY_LOGGED', payload: { n: 1 } },
      { workspace_id: id, event: 'AGENT_MESSAGE', payload: { message: 'hello' } },
      {
        workspace_id: id,
        event: 'ACTIVITY_LOGGED',
        payload: { n: 1, request_body: 'a', response_body: 'b', tool_trace: 'c' },
      },
    ]);
  });

  test('is disconnected when its token is revoked', async () => {
    const { id, token } = await anAgent();
    const agent = await open(bearer(token));
    const closed = once(agent.socket, 'close') as Promise<[number]>;
    await revokeTokens(gateway.db, id);
    expect((await closed)[0]).toBe(1008);
    expect((await refusedSocket(url, bearer(token))).status).toBe(401);
  });
});

test('a socket ends when its org token does, of which nobody is told', async () => {
  const expiresAt = new Date(Date.now() + 2_000);
  const { socket } = await open(bearer(await addOrgToken(gateway.db, null, expiresAt)));
  const [code] = (await once(socket, 'close')) as [number];
  expect(code).toBe(1008);
  expect(Date.now()).toBeGreaterThanOrEqual(Number(expiresAt));
});

describe('a handshake is refused', () => {
  const error = (answer: { status: number; body: string }) => [
    answer.status,
    (JSON.parse(answer.body) as { error: string }).error,
  ];

  test.each([
    ['without a credential', {}, 'admin auth required'],
    ['with one nobody knows', bearer('nonsense'), 'invalid admin auth token'],
    ['as a workspace without a credential', { 'x-workspace-id': randomUUID() }, 'missing workspace auth token'],
    [
      'as a workspace with the admin token',
      { ...bearer(adminToken), 'x-workspace-id': randomUUID() },
      'invalid workspace auth token',
    ],
  ])('%s', async (_, headers, text) => {
    expect(error(await refusedSocket(url, headers))).toEqual([401, text]);
  });

  test('as a workspace with the token of another', async () => {
    const [one, other] = [await anAgent(), await anAgent()];
    expect(error(await refusedSocket(url, { ...bearer(one.token), 'x-workspace-id': other.id }))).toEqual([
      401,
      'invalid workspace auth token',
    ]);
  });

  test('from a page that is not allowed, whatever its credential', async () => {
    expect(await refusedSocket(url, { ...bearer(adminToken), origin: 'http://evil.example.net' })).toEqual({
      status: 403,
      body: '',
    });
    const allowed = await open({ ...bearer(adminToken), origin: 'http://canvas.example.net' });
    expect(allowed.socket.readyState).toBe(allowed.socket.OPEN);
  });

  test('anywhere else', async () => {
    expect(await refusedSocket(url, bearer(adminToken), '/elsewhere')).toEqual({
      status: 404,
      body: '404 page not found',
    });
    expect((await refusedSocket(url, bearer(adminToken), '/health')).status).toBe(200);
  });

  test('when it is none', async () => {
    const answer = await gateway.call('GET', '/ws');
    expect([answer.statusCode, answer.json()['error']]).toEqual([400, 'this address takes WebSocket handshakes only']);
  });
});

test('what clients send is thrown away, and too much of it ends their socket only', async () => {
  const [quiet, loud] = [await open(bearer(adminToken)), await open(bearer(adminToken))];
  loud.socket.send('anything');
  loud.socket.send(Buffer.alloc(1_000_000));
  await once(loud.socket, 'close');
  const id = await addWorkspace(gateway.db);
  await record(id, 1);
  await waitFor(() => numbers(quiet, id).length === 1);
});

test('a client that reads nothing loses messages and holds up nobody', async () => {
  const id = await addWorkspace(gateway.db);
  const [slow, quick] = [await open(bearer(adminToken)), await open(bearer(adminToken))];
  slow.socket.pause();
  const [text, timestamp] = ['x'.repeat(10_000), new Date().toISOString()];
  // More than sockets and kernel buffers can hold together.
  const events = Array.from({ length: 1_500 }, (_, n) => ({
    event: 'TASK_UPDATED' as const,
    workspace_id: id,
    timestamp,
    payload: { n, text },
  }));
  await broadcast(gateway.db, events);
  await waitFor(() => numbers(quick, id).length === 1_500);
  slow.socket.resume();
  await record(id, -1);
  await waitFor(() => numbers(slow, id).length > 0);
  const heard = numbers(slow, id) as number[];
  expect(heard.length).toBeLessThan(1_500);
  expect(heard.filter((n) => n >= 0)).toEqual(heard.filter((n) => n >= 0).toSorted((a, b) => a - b));
});

test('open sockets are counted', async () => {
  await open(bearer(adminToken));
  const { body } = await gateway.call('GET', '/metrics');
  expect(body).toMatch(/^molecule_websocket_connections_active [1-9]/m);
});

test('a gateway that stops says goodbye', async () => {
  const leaving = await testGateway();
  const [address] = (await listen(leaving.app, ['127.0.0.1'], 0)).urls;
  const { socket } = await openSocket(address!, bearer(adminToken));
  const closed = once(socket, 'close') as Promise<[number]>;
  await leaving.close();
  expect((await closed)[0]).toBe(1001);
});
