import { randomUUID } from 'node:crypto';
import { storeToken, newToken } from '@holdfast/activities/token/tokens';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  addOrgToken,
  addWorkspace,
  addWorkspaceToken,
  adminToken,
  type TestGateway,
  testGateway,
} from './support/gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await testGateway();
});
afterAll(() => gateway.close());

const card = { name: 'agent' };
const anySecret = expect.stringMatching(/^[A-Za-z0-9_-]{43}$/);
const row = (id: string) => gateway.db.workspace.findUniqueOrThrow({ where: { id } });

/** An external agent: a workspace with an unbound token. */
async function anAgent(columns: Parameters<typeof addWorkspace>[1] = {}) {
  const id = await addWorkspace(gateway.db, { runtime: 'external', status: 'awaiting_agent', ...columns });
  const token = await addWorkspaceToken(gateway.db, id, 'agent');
  const post = (path: string, body: unknown, as: string | null = token) =>
    gateway.call('POST', `/registry/${path}`, { body, token: as });
  return { id, token, post };
}

/** A workspace whose operation waits for the agent of its box. */
async function aBootingBox() {
  const [boxId, operationId] = [randomUUID(), randomUUID()];
  const id = await addWorkspace(gateway.db, {
    status: 'provisioning',
    operationId,
    boxId,
    boxOperationId: operationId,
    url: 'http://127.0.0.1:45000',
  });
  const box = {
    id: boxId,
    workspaceId: id,
    operationId,
    cycle: 1,
    owner: 'test',
    host: 'here',
    backend: 'process',
    state: 'running' as const,
  };
  await gateway.db.box.create({ data: box });
  const token = newToken();
  await storeToken(gateway.db, { workspaceId: id, plain: token, purpose: 'agent', boxId });
  return { id, boxId, token };
}

describe('POST /registry/register', () => {
  test('brings an agent online and answers with the inbound secret', async () => {
    const { id, post } = await anAgent();
    const answer = await post('register', { id, agent_card: card, url: 'http://8.8.8.8:8000' });
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { status: 'registered', delivery_mode: 'push', platform_inbound_secret: anySecret },
    ]);
    expect(await row(id)).toMatchObject({ status: 'online', url: 'http://8.8.8.8:8000', agentCard: card });
  });

  test('tells the operation that waits for the agent', async () => {
    const { id, token } = await aBootingBox();
    const answer = await gateway.call('POST', '/registry/register', {
      token,
      body: { id, agent_card: null, url: 'http://elsewhere:1' },
    });
    expect(answer.statusCode).toBe(200);
    expect(gateway.poked).toContain(id);
    expect(await row(id)).toMatchObject({ status: 'online', url: 'http://127.0.0.1:45000' });
  });

  test.each([
    ['no body', undefined],
    ['no JSON', '{'],
    ['no object', '[]'],
    ['no id', { agent_card: card }],
    ['an empty id', { id: '', agent_card: card }],
    ['an id that is no UUID', { id: 'x', agent_card: card }],
    ['no card', { id: randomUUID() }],
    [
      'a card deeper than readers can take',
      `{"id":"${randomUUID()}","agent_card":${'['.repeat(500)}${']'.repeat(500)}}`,
    ],
    ['a URL of the wrong type', { id: randomUUID(), agent_card: card, url: 5 }],
  ])('refuses %s', async (_, body) => {
    const { post } = await anAgent();
    const answer = await post('register', body);
    expect([answer.statusCode, answer.json()['error']]).toEqual([400, 'invalid request body']);
  });

  test('takes a card that is null: the key is there', async () => {
    const { id, post } = await anAgent();
    const answer = await post('register', { id, agent_card: null, delivery_mode: 'poll' });
    expect([answer.statusCode, answer.json()]).toEqual([200, expect.objectContaining({ status: 'registered' })]);
    expect((await row(id)).agentCard).toBeNull();
  });

  test('refuses a delivery mode before it looks at the credential, and an address after it', async () => {
    const { id, post } = await anAgent();
    const mode = await post('register', { id, agent_card: card, delivery_mode: 'carrier-pigeon' }, null);
    expect([mode.statusCode, mode.json()['error']]).toEqual([400, "delivery_mode must be 'push' or 'poll'"]);
    const nobody = await post('register', { id, agent_card: card }, null);
    expect([nobody.statusCode, nobody.json()['error']]).toEqual([401, 'missing workspace auth token']);
    const address = await post('register', { id, agent_card: card });
    expect([address.statusCode, address.json()['error']]).toEqual([400, 'url is required for push-mode workspaces']);
    const unsafe = await post('register', { id, agent_card: card, url: 'http://169.254.169.254/' });
    expect([unsafe.statusCode, unsafe.json()['error']]).toEqual([
      400,
      'url targets a blocked address: link-local or cloud metadata',
    ]);
    expect((await row(id)).status).toBe('awaiting_agent');
  });

  test('does not take operators, other agents or strangers for the agent', async () => {
    const { id, post } = await anAgent();
    const stranger = await anAgent();
    for (const token of [adminToken, await addOrgToken(gateway.db), stranger.token, 'nonsense']) {
      const answer = await post('register', { id, agent_card: card, delivery_mode: 'poll' }, token);
      expect([answer.statusCode, answer.json()['error']]).toEqual([401, 'invalid workspace auth token']);
    }
  });

  test('does not know ids that are unknown or removed', async () => {
    for (const id of [randomUUID(), await addWorkspace(gateway.db, { status: 'removed' })]) {
      const answer = await gateway.call('POST', '/registry/register', { token: null, body: { id, agent_card: card } });
      expect([answer.statusCode, answer.json()['error']]).toEqual([404, 'workspace not found']);
    }
  });

  test('takes ids in any case', async () => {
    const { id, post } = await anAgent();
    expect((await post('register', { id: id.toUpperCase(), agent_card: card, delivery_mode: 'poll' })).statusCode).toBe(
      200,
    );
  });

  test('is done once under one Idempotency-Key', async () => {
    const { id, token } = await anAgent();
    const again = () => {
      const headers = { 'idempotency-key': 'first-register' };
      return gateway.call('POST', '/registry/register', {
        token,
        headers,
        body: { id, agent_card: card, delivery_mode: 'poll' },
      });
    };
    const [first, second] = [await again(), await again()];
    expect(second.json()).toEqual(first.json());
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(await gateway.db.structureEvent.count({ where: { workspaceId: id } })).toBe(1);
  });
});

describe('POST /registry/heartbeat', () => {
  test('keeps the agent alive and answers with the inbound secret', async () => {
    const { id, post } = await anAgent();
    const answer = await post('heartbeat', {
      workspace_id: id,
      error_rate: 0,
      sample_error: null,
      active_tasks: 1,
      uptime_seconds: 5,
    });
    expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'ok', platform_inbound_secret: anySecret }]);
    expect(await row(id)).toMatchObject({ status: 'online', activeTasks: 1, uptimeSeconds: 5 });
  });

  test('tells the operation that waits for the agent', async () => {
    const { id, boxId, token } = await aBootingBox();
    await gateway.call('POST', '/registry/heartbeat', { token, body: { workspace_id: id } });
    expect(gateway.poked).toContain(id);
    expect((await gateway.db.box.findUniqueOrThrow({ where: { id: boxId } })).registeredAt).not.toBeNull();
  });

  test.each([
    ['no id', {}],
    ['an id that is no UUID', { workspace_id: '1' }],
    ['text for a number', { error_rate: '0' }],
    ['a fraction of a task', { active_tasks: 0.5 }],
    ['a number for text', { current_task: 5 }],
    ['a capability that is neither', { runtime_metadata: { capabilities: { session: 'yes' } } }],
    ['metadata that is no object', { runtime_metadata: [] }],
  ])('refuses %s', async (_, body) => {
    const { id, post } = await anAgent();
    const answer = await post('heartbeat', {
      ...('workspace_id' in body || Object.keys(body).length === 0 ? {} : { workspace_id: id }),
      ...body,
    });
    expect([answer.statusCode, answer.json()['error']]).toEqual([400, 'invalid request body']);
    expect((await row(id)).lastHeartbeatAt).toBeNull();
  });

  test('refuses who is not the agent', async () => {
    const { id, post } = await anAgent();
    const nobody = await post('heartbeat', { workspace_id: id }, null);
    expect([nobody.statusCode, nobody.json()['error']]).toEqual([401, 'missing workspace auth token']);
    const operator = await post('heartbeat', { workspace_id: id }, adminToken);
    expect([operator.statusCode, operator.json()['error']]).toEqual([401, 'invalid workspace auth token']);
    expect((await row(id)).lastHeartbeatAt).toBeNull();
  });

  test('does not know an unknown id, and tells the agent of a removed workspace nothing', async () => {
    const unknown = await gateway.call('POST', '/registry/heartbeat', {
      token: null,
      body: { workspace_id: randomUUID() },
    });
    expect([unknown.statusCode, unknown.json()['error']]).toEqual([404, 'workspace not found']);
    const { id, post } = await anAgent({ status: 'removed' });
    const removed = await post('heartbeat', { workspace_id: id });
    expect([removed.statusCode, removed.json()]).toEqual([200, { status: 'ok' }]);
    expect((await row(id)).lastHeartbeatAt).toBeNull();
  });

  test('keeps a declaration, whose halves may be null', async () => {
    const { id, post } = await anAgent();
    await post('heartbeat', {
      workspace_id: id,
      runtime_metadata: { capabilities: { session: true }, idle_timeout_seconds: null, extra: 1 },
    });
    expect((await row(id)).runtimeMetadata).toEqual({ capabilities: { session: true }, extra: 1 });
  });

  test('counts although its text has characters nobody can keep', async () => {
    const { id, post } = await anAgent();
    const answer = await post('heartbeat', `{"workspace_id":"${id}","sample_error":"a\\u0000\\ud83d"}`);
    expect(answer.statusCode).toBe(200);
    expect((await row(id)).lastSampleError).toBe('a\u{fffd}\u{fffd}');
  });

  test('remarks once on a state nobody knows', async () => {
    const { id, post } = await anAgent();
    for (const _ of [1, 2]) await post('heartbeat', { workspace_id: id, runtime_state: 'sleepwalking' });
    expect(gateway.lines.filter((line) => line.includes('sleepwalking'))).toHaveLength(1);
  });
});

describe('POST /registry/update-card', () => {
  test('replaces the card', async () => {
    const { id, post } = await anAgent();
    const answer = await post('update-card', { workspace_id: id, agent_card: card });
    expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'updated' }]);
    expect((await row(id)).agentCard).toEqual(card);
  });

  test('refuses a body without a card, and who is not the agent', async () => {
    const { id, post } = await anAgent();
    expect((await post('update-card', { workspace_id: id })).json()['error']).toBe('invalid request body');
    expect((await post('update-card', { workspace_id: id, agent_card: card }, null)).statusCode).toBe(401);
    expect((await row(id)).agentCard).toBeNull();
  });

  test('of a removed workspace is answered and not done', async () => {
    const { id, post } = await anAgent({ status: 'removed' });
    expect((await post('update-card', { workspace_id: id, agent_card: card })).statusCode).toBe(200);
    expect((await row(id)).agentCard).toBeNull();
  });
});

test('no token shows up in the log', async () => {
  const { id, token, post } = await anAgent();
  await post('register', { id, agent_card: card, delivery_mode: 'poll' });
  const secret = (await post('heartbeat', { workspace_id: id })).json<{ platform_inbound_secret: string }>()
    .platform_inbound_secret;
  expect(gateway.lines.join('\n')).not.toContain(token);
  expect(gateway.lines.join('\n')).not.toContain(secret);
});
