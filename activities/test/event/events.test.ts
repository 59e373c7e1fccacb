import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { broadcast } from '@holdfast/activities/event/broadcast';
import { EventBus } from '@holdfast/activities/event/event-bus';
import { eventsAfter, listEvents } from '@holdfast/activities/event/event-list';
import type { BusEvent } from '@holdfast/activities/event/event-notice';
import { recordAudit, recordEvent, recordEvents } from '@holdfast/activities/event/event-records';
import { type TestDatabase, testDatabase, waitFor } from '@holdfast/infra/testing/index';
import type { Database, Tx } from '@holdfast/prisma';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type BreakableSource, breakableSource } from './notification-source.ts';

let db: TestDatabase;
let source: BreakableSource;
let bus: EventBus;
let heard: BusEvent[];
/** The workspaces of the test: a new bus may tell what an earlier one has recorded in the same millisecond. */
const own = new Set<string>();
const troubles: unknown[] = [];

beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.dispose());
beforeEach(async () => {
  source = breakableSource(db.url);
  bus = new EventBus(source, db.database, (error) => troubles.push(error));
  heard = [];
  own.clear();
  bus.subscribe((event) => {
    if (own.has(event.workspace_id)) heard.push(event);
  });
  await source.mend();
});
afterEach(async () => {
  bus.close();
  await source[Symbol.asyncDispose]();
  if (troubles.length > 0) throw new AggregateError(troubles.splice(0), 'the bus had trouble');
});

async function aWorkspace(): Promise<string> {
  const id = randomUUID();
  own.add(id);
  await db.database.workspace.create({ data: { id, orgId: 'default', name: 'w', runtime: 'reference' } });
  return id;
}
const locked = <T>(workspaceId: string, work: (tx: Tx) => Promise<T>) =>
  db.database.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT id FROM workspaces WHERE id = ${workspaceId}::uuid FOR UPDATE`;
    return work(tx);
  });
const online = (workspaceId: string, n: number, key?: string) =>
  locked(workspaceId, (tx) =>
    recordEvent(tx, { workspaceId, type: 'WORKSPACE_ONLINE', payload: { n }, ...(key ? { key } : {}) }),
  );
const numbers = (workspaceId: string) =>
  heard.filter((event) => event.workspace_id === workspaceId).map(({ payload }) => payload['n']);

describe('recorded events', () => {
  test('reach the bus in order with gap-free numbers, also from concurrent writers', async () => {
    const id = await aWorkspace();
    await Promise.all(Array.from({ length: 20 }, (_, n) => online(id, n)));
    await waitFor(() => numbers(id).length === 20);
    const seqs = heard.map(({ seq }) => seq);
    expect(seqs).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    expect((await eventsAfter(db.database, id, 0, 100)).map(({ payload }) => payload['n'])).toEqual(numbers(id));
  });

  test('are recorded once for the same key, and the number is not used up', async () => {
    const id = await aWorkspace();
    await online(id, 1, `${id}/begin`);
    await online(id, 2, `${id}/begin`);
    await online(id, 3);
    await waitFor(() => numbers(id).length === 2);
    expect(await eventsAfter(db.database, id, 0, 10)).toMatchObject([
      { seq: 1, payload: { n: 1 } },
      { seq: 2, payload: { n: 3 } },
    ]);
  });

  test('are not announced by a transaction that fails', async () => {
    const id = await aWorkspace();
    const failed = locked(id, async (tx) => {
      await recordEvent(tx, { workspaceId: id, type: 'WORKSPACE_ONLINE', payload: { n: 1 } });
      throw new Error('rolled back');
    });
    await expect(failed).rejects.toThrow('rolled back');
    await online(id, 2);
    await waitFor(() => numbers(id).length > 0);
    expect(numbers(id)).toEqual([2]);
  });

  test('of one statement keep their order, also for one workspace', async () => {
    const [a, b] = [await aWorkspace(), await aWorkspace()];
    const event = (workspaceId: string, n: number) => ({
      workspaceId,
      type: 'WORKSPACE_ONLINE' as const,
      payload: { n },
    });
    await db.database.$transaction((tx) => recordEvents(tx, [event(a, 1), event(b, 2), event(a, 3)]));
    await waitFor(() => heard.length === 3);
    expect(heard.map(({ workspace_id, seq, payload }) => [workspace_id, seq, payload['n']])).toEqual([
      [a, 1, 1],
      [b, 1, 2],
      [a, 2, 3],
    ]);
  });

  test('too large for a notification are fetched, and hold up what comes after them', async () => {
    const id = await aWorkspace();
    const text = 'x'.repeat(20_000);
    await locked(id, async (tx) => {
      await recordEvent(tx, { workspaceId: id, type: 'AGENT_CARD_UPDATED', payload: { n: 1, text } });
      await recordEvent(tx, { workspaceId: id, type: 'WORKSPACE_ONLINE', payload: { n: 2 } });
    });
    await waitFor(() => heard.length === 2);
    expect(heard[0]?.payload).toEqual({ n: 1, text });
    expect(numbers(id)).toEqual([1, 2]);
  });

  test('survive text that Postgres cannot keep', async () => {
    const id = await aWorkspace();
    await locked(id, (tx) =>
      recordEvent(tx, { workspaceId: id, type: 'WORKSPACE_ONLINE', payload: { text: 'a\0\ud83d' } }),
    );
    expect(await listEvents(db.database, id)).toMatchObject([{ payload: { text: 'a\u{fffd}\u{fffd}' } }]);
  });
});

describe('broadcast-only events', () => {
  test('reach the bus, whatever their size, and are not recorded', async () => {
    const id = await aWorkspace();
    const event = (n: number, text: string) => ({
      event: 'TASK_UPDATED' as const,
      workspace_id: id,
      timestamp: new Date().toISOString(),
      payload: { n, text },
    });
    const events = [event(1, ''), event(2, 'y'.repeat(30_000)), event(3, '')];
    await broadcast(db.database, events);
    await waitFor(() => heard.length === 3);
    expect(heard).toEqual(events);
    expect(await listEvents(db.database, id)).toEqual([]);
  });
});

describe('a broken connection', () => {
  test('costs no recorded event and repeats none', async () => {
    const id = await aWorkspace();
    await online(id, 1);
    await waitFor(() => heard.length === 1);
    await source.break();
    await online(id, 2);
    await online(id, 3);
    await source.mend();
    await online(id, 4);
    await waitFor(() => numbers(id).length === 4);
    expect(numbers(id)).toEqual([1, 2, 3, 4]);
  });
});

test('an audit row is kept once for whoever cleans up, and no listener hears of it, now or when it resumes', async () => {
  const id = await aWorkspace();
  const audit = {
    workspaceId: id,
    type: 'workspace.provider.switch_stop_exhausted',
    payload: { n: 'audit' },
    key: `${id}/left`,
  } as const;
  await online(id, 1);
  for (let i = 0; i < 2; i++) await locked(id, (tx) => recordAudit(tx, audit));
  await online(id, 2);
  await waitFor(() => numbers(id).includes(2));
  expect(numbers(id)).toEqual([1, 2]);
  expect((await eventsAfter(db.database, id, 0, 10)).map(({ seq }) => seq)).toEqual([1, 2]);
  const kept = { workspaceId: id, eventType: audit.type };
  expect(await db.database.structureEvent.findMany({ where: kept })).toMatchObject([{ seq: null }]);
});

/** The same database, which takes a while to come to a question: in that time it is late for whoever counts back from then. */
const slow = (real: Database): Database =>
  new Proxy(real, {
    get(_, name) {
      if (name !== '$queryRaw') return Reflect.get(real, name) as unknown;
      return async (...args: Parameters<typeof real.$queryRaw>) => {
        await pause(500);
        return real.$queryRaw(...args);
      };
    },
  });

test.each([
  ['at hand', (real: Database) => real],
  ['slow to answer', slow],
])('an event recorded before anything listens is not lost, with a database that is %s', async (_, as) => {
  const late = breakableSource(db.url);
  const lateBus = new EventBus(late, as(db.database), (error) => troubles.push(error));
  const heardLate: BusEvent[] = [];
  const id = await aWorkspace();
  lateBus.subscribe((event) => heardLate.push(event), id);
  await online(id, 1);
  await late.mend();
  await waitFor(() => heardLate.length === 1);
  lateBus.close();
  await late[Symbol.asyncDispose]();
});

test('a listener that throws does not keep the event from the others', async () => {
  const id = await aWorkspace();
  const leave = bus.subscribe(() => {
    throw new Error('listener');
  });
  const later: BusEvent[] = [];
  bus.subscribe((event) => later.push(event));
  await online(id, 1);
  await waitFor(() => later.length === 1);
  leave();
  expect(troubles.splice(0)).toHaveLength(1);
});

test('the list has the newest first and at most what was asked for', async () => {
  const id = await aWorkspace();
  for (const n of [1, 2, 3]) await online(id, n);
  expect((await listEvents(db.database, id, 2)).map(({ payload }) => payload)).toEqual([{ n: 3 }, { n: 2 }]);
  expect(await listEvents(db.database, randomUUID())).toEqual([]);
});
