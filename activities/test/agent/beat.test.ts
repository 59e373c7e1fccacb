import { randomUUID } from 'node:crypto';
import type { Beat } from '@holdfast/activities/agent/beat';
import { writeBeats } from '@holdfast/activities/agent/beat-write';
import { type TestDatabase, testDatabase } from '@holdfast/infra/testing/index';
import type { Prisma } from '@holdfast/prisma';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { givenWorkspace } from '../given-workspace.ts';
import { aBeat, cipher, eventsOf, givenBootingBox, givenBox } from './given-agent.ts';

let db: TestDatabase;
const troubles: string[] = [];
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.dispose());

const beatAll = (beats: Beat[]) =>
  writeBeats({ db: db.database, cipher, onTrouble: (what) => troubles.push(what) }, beats);
async function beat(workspaceId: string, wanted: Partial<Beat> = {}) {
  const { outcomes, events } = await beatAll([aBeat(workspaceId, wanted)]);
  return { outcome: outcomes[0]!, events: events.map(({ event, payload }) => ({ event, payload })) };
}
const row = (id: string) => db.database.workspace.findUniqueOrThrow({ where: { id } });
const given = (wanted: Partial<Prisma.WorkspaceCreateInput> = {}) => givenWorkspace(db.database, wanted);

describe('what a beat writes', () => {
  test('is what it says, and the instant', async () => {
    const id = await given();
    await beat(id, {
      errorRate: 0.2,
      sampleError: 'oops',
      activeTasks: 2,
      uptimeSeconds: 60,
      currentTask: 'reading',
      monthlySpend: 120,
    });
    expect(await row(id)).toMatchObject({
      lastErrorRate: 0.2,
      lastSampleError: 'oops',
      activeTasks: 2,
      uptimeSeconds: 60,
      currentTask: 'reading',
      monthlySpend: 120n,
      lastHeartbeatAt: expect.any(Date),
    });
  });

  test('goes back to nothing with a minimal beat, except the spend', async () => {
    const id = await given({
      lastErrorRate: 0.2,
      lastSampleError: 'oops',
      activeTasks: 2,
      uptimeSeconds: 60,
      currentTask: 'x',
      monthlySpend: 120n,
    });
    await beat(id);
    expect(await row(id)).toMatchObject({
      lastErrorRate: 0,
      lastSampleError: '',
      activeTasks: 0,
      uptimeSeconds: 0,
      currentTask: '',
      monthlySpend: 120n,
    });
  });

  test.each(['online', 'degraded', 'offline', 'provisioning', 'failed', 'awaiting_agent'] as const)(
    'gives a workspace that is %s the full liveness time again',
    async (status) => {
      const id = await given({ status });
      await beat(id);
      const { livenessExpiresAt, lastHeartbeatAt } = await row(id);
      expect(livenessExpiresAt!.getTime() - lastHeartbeatAt!.getTime()).toBe(180_000);
    },
  );

  test('tracks since when the agent has been idle', async () => {
    const id = await given();
    await beat(id);
    const since = (await row(id)).idleSince;
    expect(since).not.toBeNull();
    await beat(id);
    expect((await row(id)).idleSince).toEqual(since);
    await beat(id, { activeTasks: 1 });
    expect((await row(id)).idleSince).toBeNull();
  });

  test('counts idleness anew after the workspace was away', async () => {
    const id = await given({ status: 'offline', idleSince: new Date(0) });
    await beat(id);
    expect((await row(id)).idleSince!.getTime()).toBeGreaterThan(0);
  });
});

describe('what listeners hear', () => {
  test('incident 22: is that the agent lives, also when nothing changed', async () => {
    const id = await given();
    await beat(id, { activeTasks: 1, uptimeSeconds: 7 });
    expect((await beat(id, { activeTasks: 1, uptimeSeconds: 7 })).events).toEqual([
      { event: 'WORKSPACE_HEARTBEAT', payload: { active_tasks: 1, uptime_seconds: 7 } },
    ]);
  });

  test('is the task when it changed', async () => {
    const id = await given();
    const { events } = await beat(id, { currentTask: 'writing', activeTasks: 1 });
    expect(events[0]).toEqual({ event: 'TASK_UPDATED', payload: { current_task: 'writing', active_tasks: 1 } });
    expect((await beat(id, { currentTask: 'writing' })).events).toHaveLength(1);
  });
});

describe('a change of status', () => {
  test('is written with its event and asks for a poke only when an operation owns the row', async () => {
    const id = await given({ status: 'offline' });
    expect((await beat(id)).outcome).toMatchObject({ effect: 'written', poke: false });
    expect((await row(id)).status).toBe('online');
    expect(await eventsOf(db.database, id)).toEqual([{ event: 'WORKSPACE_ONLINE', payload: {} }]);
  });

  test('is judged by the declaration that came with the same beat', async () => {
    const id = await given();
    await beat(id, { errorRate: 0.9, declaration: { capabilities: { status_mgmt: true } } });
    expect((await row(id)).status).toBe('online');
    await beat(id, { errorRate: 0.9, declaration: {} });
    expect((await row(id)).status).toBe('degraded');
  });

  test('finds a bring-up whose agent could not register', async () => {
    const box = await givenBootingBox(db.database);
    const { outcome } = await beat(box.workspaceId, { agent: box });
    expect(outcome).toMatchObject({ effect: 'written', poke: true });
    expect(await row(box.workspaceId)).toMatchObject({ status: 'online' });
    expect(await db.database.box.findUniqueOrThrow({ where: { id: box.boxId } })).toMatchObject({
      registeredAt: expect.any(Date),
      sealedCredentials: null,
      nonceHash: null,
    });
    expect(await eventsOf(db.database, box.workspaceId)).toEqual([
      { event: 'WORKSPACE_ONLINE', payload: { recovered_from: 'provisioning' } },
    ]);
  });

  test('does not flap between the two rates', async () => {
    const id = await given();
    const statuses: string[] = [];
    for (const errorRate of [0.49, 0.5, 0.3, 0.1, 0.09, 0.3]) {
      await beat(id, { errorRate });
      statuses.push((await row(id)).status);
    }
    expect(statuses).toEqual(['online', 'degraded', 'degraded', 'degraded', 'online', 'online']);
    expect((await eventsOf(db.database, id)).map(({ event }) => event)).toEqual([
      'WORKSPACE_DEGRADED',
      'WORKSPACE_ONLINE',
    ]);
  });
});

describe('a late beat', () => {
  test.each(['paused', 'hibernating', 'hibernated'] as const)(
    'never revives a workspace that is %s',
    async (status) => {
      const id = await given({ status });
      await beat(id);
      expect(await row(id)).toMatchObject({ status, livenessExpiresAt: null, lastHeartbeatAt: expect.any(Date) });
      expect(await eventsOf(db.database, id)).toEqual([]);
    },
  );

  test('has no effect of any kind on a removed workspace', async () => {
    const id = await given({ status: 'removed' });
    const before = await row(id);
    const { outcome, events } = await beat(id);
    expect(outcome).toEqual({ effect: 'none', inboundSecret: null, poke: false });
    expect(events).toEqual([]);
    expect(await row(id)).toEqual(before);
  });

  test.each(['replaced', 'being stopped', 'made by an operation that lost the row'])(
    'has no effect from a box that is %s',
    async (how) => {
      const old = await givenBootingBox(db.database);
      const id = old.workspaceId;
      if (how === 'replaced') await givenBox(db.database, id);
      else if (how === 'being stopped')
        await db.database.workspace.update({ where: { id }, data: { boxId: null, boxOperationId: null } });
      else await db.database.workspace.update({ where: { id }, data: { operationId: randomUUID() } });
      const before = await row(id);
      const { outcome, events } = await beat(id, { agent: old });
      expect(outcome).toEqual({ effect: 'none', inboundSecret: null, poke: false });
      expect(events).toEqual([]);
      expect(await row(id)).toEqual(before);
      expect((await db.database.box.findUniqueOrThrow({ where: { id: old.boxId } })).registeredAt).toBeNull();
    },
  );

  test('has no effect with an unbound token while there is a box', async () => {
    const box = await givenBootingBox(db.database);
    expect((await beat(box.workspaceId)).outcome.effect).toBe('none');
    expect((await row(box.workspaceId)).status).toBe('provisioning');
  });

  test('of a workspace that does not exist says so', async () => {
    expect((await beat(randomUUID())).outcome.effect).toBe('gone');
  });
});

describe('a declaration', () => {
  const declaration = { capabilities: { session: true }, idle_timeout_seconds: 60 };

  test('outlives partial beats and ends when it is empty', async () => {
    const id = await given();
    await beat(id, { declaration });
    const at = (await row(id)).runtimeMetadataAt;
    await beat(id, { activeTasks: 1 });
    expect(await row(id)).toMatchObject({ runtimeMetadata: declaration, runtimeMetadataAt: at });
    await beat(id, { declaration: {} });
    expect(await row(id)).toMatchObject({ runtimeMetadata: null, runtimeMetadataAt: null });
  });

  test('ends when it was not refreshed', async () => {
    const id = await given({ runtimeMetadata: declaration, runtimeMetadataAt: new Date(Date.now() - 91_000) });
    await beat(id);
    expect(await row(id)).toMatchObject({ runtimeMetadata: null, runtimeMetadataAt: null });
  });
});

describe('the inbound secret', () => {
  test('is made when it is missing and then stays', async () => {
    const id = await given();
    const first = (await beat(id)).outcome.inboundSecret;
    expect(first).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect((await beat(id)).outcome.inboundSecret).toBe(first);
  });

  test('is left out when it cannot be read, and the beat counts', async () => {
    const id = await given({ platformInboundSecret: Uint8Array.from(Buffer.alloc(40)) });
    expect((await beat(id)).outcome).toEqual({ effect: 'written', inboundSecret: null, poke: false });
    expect(troubles.splice(0)).toHaveLength(1);
  });
});

test('five hundred agents share one transaction, each with its own outcome', async () => {
  const statuses = ['online', 'offline', 'paused', 'removed', 'provisioning'] as const;
  const ids = Array.from({ length: 500 }, (): string => randomUUID());
  await db.database.workspace.createMany({
    data: ids.map((id, n) => ({ id, orgId: 'default', name: `w${n}`, runtime: 'external', status: statuses[n % 5]! })),
  });
  const { outcomes } = await beatAll(ids.map((id, n) => aBeat(id, { uptimeSeconds: n })));
  expect(outcomes.filter(({ effect }) => effect === 'written')).toHaveLength(400);
  const rows = await db.database.workspace.findMany({ where: { id: { in: ids } } });
  for (const { id, status, uptimeSeconds } of rows) {
    const n = ids.indexOf(id);
    const was = statuses[n % 5]!;
    expect(status).toBe(was === 'offline' || was === 'provisioning' ? 'online' : was);
    expect(uptimeSeconds).toBe(was === 'removed' ? 0 : n);
  }
  expect(await db.database.structureEvent.count({ where: { workspaceId: { in: ids } } })).toBe(200);
});
