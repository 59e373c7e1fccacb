import { randomUUID } from 'node:crypto';
import type { Registration } from '@holdfast/activities/agent/register';
import { hibernateIdle } from '@holdfast/activities/loop/hibernation';
import { newToken, storeToken } from '@holdfast/activities/token/tokens';
import { type TestDatabase, testDatabase } from '@holdfast/infra/testing/index';
import type { WorkspaceStatus } from '@holdfast/prisma';
import { fromSet } from '@holdfast/workflows/workspace/lifecycle';
import { workspaceStatuses } from '@holdfast/workflows/workspace/status';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { givenWorkspace } from '../given-workspace.ts';
import { cipher, eventsOf, givenBootingBox, givenBox, mine, registrar } from './given-agent.ts';

let db: TestDatabase;
const troubles: string[] = [];

beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.dispose());
beforeEach(() => {
  lookups.length = 0;
  troubles.length = 0;
});

const card = { name: 'agent', skills: [] };
const unbound = { bearer: { boxId: null }, nonce: null } as const;
const nothing = { bearer: 'none', nonce: null } as const;

const registry = registrar(() => db.database, { 'inside.example.net': ['10.0.0.8'] });
const { lookups } = registry;
const register = (id: string, wanted: Partial<Registration> = {}, over: { cipher?: typeof cipher } = {}) =>
  registry.register(id, { shown: unbound, ...wanted }, { onTrouble: (what) => troubles.push(what), ...over });
const row = (id: string) => db.database.workspace.findUniqueOrThrow({ where: { id } });
const box = (id: string) => db.database.box.findUniqueOrThrow({ where: { id } });

describe('the agent of the current box', () => {
  test('begins to be idle when it registers, so that a workspace just woken is not put to sleep at once', async () => {
    const slept = { hibernationIdleMinutes: 1, idleSince: new Date(0), activeTasks: 0 };
    const given = await givenBootingBox(db.database, slept);
    await register(given.workspaceId, { shown: mine(given) });
    const after = await row(given.workspaceId);
    expect(after.idleSince!.getTime()).toBeGreaterThanOrEqual(after.lastHeartbeatAt!.getTime());
    await db.database.workspace.update({ where: { id: given.workspaceId }, data: { operationId: null } });
    const poker = { poke: () => Promise.resolve() };
    const context = { db: db.database, poker, log: pino({ level: 'silent' }) };
    expect(await hibernateIdle(context, { abandonedMs: 1 })).toMatchObject({ hibernated: 0 });
    expect((await row(given.workspaceId)).status).toBe('online');
  });

  test('brings the workspace online and leaves its credentials nowhere', async () => {
    const given = await givenBootingBox(db.database);
    const { answer, poke } = await register(given.workspaceId, { shown: mine(given) });
    expect(answer).toEqual({
      status: 'registered',
      delivery_mode: 'push',
      platform_inbound_secret: expect.any(String),
    });
    expect(poke).toBe(true);
    const after = await row(given.workspaceId);
    expect(after).toMatchObject({ status: 'online', agentCard: card, deliveryMode: 'push' });
    expect(after.livenessExpiresAt!.getTime() - after.lastHeartbeatAt!.getTime()).toBe(180_000);
    expect(await box(given.boxId)).toMatchObject({
      registeredAt: expect.any(Date),
      sealedCredentials: null,
      nonceHash: null,
    });
    expect(await eventsOf(db.database, given.workspaceId)).toEqual([
      {
        event: 'WORKSPACE_ONLINE',
        payload: { url: 'http://127.0.0.1:45001', agent_card: card, delivery_mode: 'push' },
      },
    ]);
  });

  test('cannot name another address than the one its backend recorded, and its word is not even looked up', async () => {
    const given = await givenBootingBox(db.database);
    await register(given.workspaceId, { shown: mine(given), url: 'http://169.254.169.254/latest' });
    expect(await row(given.workspaceId)).toMatchObject({ url: 'http://127.0.0.1:45001', status: 'online' });
    expect(lookups).toEqual([]);
  });

  test('keeps the first instant of contact when it registers again', async () => {
    const given = await givenBootingBox(db.database);
    await register(given.workspaceId, { shown: mine(given) });
    const first = (await box(given.boxId)).registeredAt;
    await db.database.workspace.update({ where: { id: given.workspaceId }, data: { operationId: null } });
    const again = await register(given.workspaceId, { shown: mine(given), agentCard: null });
    expect(again).toMatchObject({ poke: false, answer: { platform_inbound_secret: expect.any(String) } });
    expect((await box(given.boxId)).registeredAt).toEqual(first);
    expect((await row(given.workspaceId)).agentCard).toBeNull();
    expect(await eventsOf(db.database, given.workspaceId)).toHaveLength(2);
  });
});

describe('a register without effect', () => {
  const unchanged = async (id: string, act: () => ReturnType<typeof register>) => {
    const before = await row(id);
    expect(await act()).toEqual({ answer: { status: 'registered' }, poke: false });
    expect(await row(id)).toEqual(before);
    expect(await eventsOf(db.database, id)).toEqual([]);
  };

  test('comes from a box that was replaced', async () => {
    const old = await givenBootingBox(db.database);
    await givenBox(db.database, old.workspaceId);
    await unchanged(old.workspaceId, () => register(old.workspaceId, { shown: mine(old) }));
    expect((await box(old.boxId)).registeredAt).toBeNull();
  });

  test('comes from a box that is being stopped', async () => {
    const old = await givenBootingBox(db.database);
    await db.database.workspace.update({ where: { id: old.workspaceId }, data: { boxId: null, boxOperationId: null } });
    await unchanged(old.workspaceId, () => register(old.workspaceId, { shown: mine(old) }));
  });

  test('comes from the box of an operation that is no longer the owner', async () => {
    const given = await givenBootingBox(db.database);
    await db.database.workspace.update({ where: { id: given.workspaceId }, data: { operationId: randomUUID() } });
    await unchanged(given.workspaceId, () => register(given.workspaceId, { shown: mine(given) }));
  });

  test('comes with an unbound token while the workspace has a box', async () => {
    const given = await givenBootingBox(db.database);
    await unchanged(given.workspaceId, () => register(given.workspaceId));
  });

  test('comes with an unbound token while an operation changes the workspace', async () => {
    const id = await givenWorkspace(db.database, { status: 'awaiting_agent', operationId: randomUUID() });
    await unchanged(id, () => register(id));
  });

  test.each(workspaceStatuses.filter((status) => status !== 'removed' && !fromSet('register').includes(status)))(
    'finds the workspace %s',
    async (status: WorkspaceStatus) => {
      const id = await givenWorkspace(db.database, { status });
      await unchanged(id, () => register(id));
    },
  );
});

describe('an agent run by its operator', () => {
  test.each(fromSet('register'))('brings a workspace online that is %s', async (status) => {
    const id = await givenWorkspace(db.database, { status, runtime: 'external' });
    const { answer } = await register(id);
    expect(answer).toEqual({
      status: 'registered',
      delivery_mode: 'push',
      platform_inbound_secret: expect.any(String),
    });
    expect(await row(id)).toMatchObject({ status: 'online', url: 'http://agent.example.net:8000' });
  });

  test('incident 38: gets an inbound secret with its first register if there was none, and the same with every other', async () => {
    const id = await givenWorkspace(db.database, { status: 'awaiting_agent' });
    const [first, second] = [await register(id), await register(id)];
    expect(first.answer.platform_inbound_secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(second.answer.platform_inbound_secret).toBe(first.answer.platform_inbound_secret);
  });

  test('is registered although the inbound secret cannot be read', async () => {
    const id = await givenWorkspace(db.database, { platformInboundSecret: Uint8Array.from(Buffer.alloc(40)) });
    const { answer } = await register(id);
    expect(answer).toEqual({ status: 'registered', delivery_mode: 'push' });
    expect(troubles).toHaveLength(1);
  });

  test('that polls needs no address, and none is kept or checked', async () => {
    const id = await givenWorkspace(db.database, { url: 'http://old.example.net', deliveryMode: 'push' });
    const { answer } = await register(id, { deliveryMode: 'poll', url: 'ftp://nonsense' });
    expect(answer.delivery_mode).toBe('poll');
    expect(await row(id)).toMatchObject({ url: null, deliveryMode: 'poll' });
    expect(lookups).toEqual([]);
  });

  test('that names no mode keeps the stored one', async () => {
    const id = await givenWorkspace(db.database, { deliveryMode: 'poll' });
    const { answer } = await register(id, { url: '' });
    expect(answer.delivery_mode).toBe('poll');
  });

  test.each([
    ['', 'url is required for push-mode workspaces'],
    ['ftp://example.net', 'url scheme must be http or https, got "ftp"'],
    ['http://10.0.0.1', 'url targets a blocked address: private'],
    ['http://inside.example.net', 'hostname "inside.example.net" resolves to forbidden address: private'],
  ])('is refused the address %j and changes nothing', async (url, message) => {
    const id = await givenWorkspace(db.database, { status: 'awaiting_agent' });
    const before = await row(id);
    await expect(register(id, { url })).rejects.toMatchObject({ message });
    expect(await row(id)).toEqual(before);
  });

  test('may have text in its card that Postgres cannot keep', async () => {
    const id = await givenWorkspace(db.database);
    await register(id, { agentCard: { name: 'a\0\ud83d' } });
    expect((await row(id)).agentCard).toEqual({ name: 'a\u{fffd}\u{fffd}' });
  });
});

describe('the token gate', () => {
  test('does not know a workspace that does not exist', async () => {
    await expect(register(randomUUID(), { shown: nothing })).rejects.toMatchObject({
      code: 'WORKSPACE_NOT_FOUND',
      message: 'workspace not found',
    });
  });

  test('does not know a removed workspace, whatever is shown', async () => {
    const id = await givenWorkspace(db.database, { status: 'removed' });
    for (const shown of [nothing, unbound]) {
      await expect(register(id, { shown })).rejects.toMatchObject({ code: 'WORKSPACE_NOT_FOUND' });
    }
    expect(await eventsOf(db.database, id)).toEqual([]);
  });

  test('refuses an agent without a credential, also of a workspace without any token', async () => {
    const id = await givenWorkspace(db.database);
    const refusal = { code: 'UNAUTHORIZED', message: 'missing workspace auth token' };
    await expect(register(id, { shown: nothing })).rejects.toMatchObject(refusal);
    await storeToken(db.database, { workspaceId: id, plain: newToken(), purpose: 'user' });
    await expect(register(id, { shown: nothing })).rejects.toMatchObject(refusal);
  });

  test('refuses a credential that is not of this workspace', async () => {
    const id = await givenWorkspace(db.database);
    await expect(register(id, { shown: { bearer: 'foreign', nonce: null } })).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
      message: 'invalid workspace auth token',
    });
  });

  test('comes before anything that would tell about the row', async () => {
    const id = await givenWorkspace(db.database, { deliveryMode: 'poll' });
    await expect(register(id, { shown: nothing, url: '' })).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  });
});

test('a register that meets a delete has no effect', async () => {
  const id = await givenWorkspace(db.database);
  const removed = db.database.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT id FROM workspaces WHERE id = ${id}::uuid FOR UPDATE`;
    const registering = register(id);
    registering.catch(() => undefined);
    await tx.$executeRaw`UPDATE workspaces SET status = 'removed' WHERE id = ${id}::uuid`;
    return { registering };
  });
  await expect((await removed).registering).rejects.toMatchObject({ code: 'WORKSPACE_NOT_FOUND' });
  expect(await eventsOf(db.database, id)).toEqual([]);
});
