import { randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { defaultRetention, dropOldRecords } from '../../src/loop/retention.ts';
import { givenWorkspace } from '../given-workspace.ts';
import { ago, MINUTE, useLoopKit } from './loop-kit.ts';

const kit = useLoopKit();
const DAY = 24 * 60 * MINUTE;

/** Events of a workspace, numbered from 1, of these ages in days. */
async function given(workspaceId: string | null, ages: readonly number[]): Promise<void> {
  await kit.db.structureEvent.createMany({
    data: ages.map((age, at) => ({
      id: randomUUID(),
      eventType: 'WORKSPACE_ONLINE',
      workspaceId,
      seq: workspaceId === null ? null : at + 1,
      createdAt: ago(age * DAY),
    })),
  });
}
const kept = async (workspaceId: string) =>
  (await kit.db.structureEvent.findMany({ where: { workspaceId }, orderBy: { seq: 'asc' } })).map(({ seq }) =>
    Number(seq),
  );
const drop = (over = {}) => dropOldRecords(kit.db, { ...defaultRetention, ...over });

test('events are kept for thirty days', async () => {
  const id = await givenWorkspace(kit.db);
  await given(id, [40, 31, 29, 1]);
  expect(await drop()).toEqual({ events: 2, keys: 0 });
  expect(await kept(id)).toEqual([3, 4]);
});

test('the newest event of a workspace that is there stays, however old; of one that is purged nothing does', async () => {
  const [id, purged] = [await givenWorkspace(kit.db), randomUUID()];
  await given(id, [90, 80, 70]);
  await given(purged, [90, 80]);
  expect(await drop()).toEqual({ events: 4, keys: 0 });
  expect([await kept(id), await kept(purged)]).toEqual([[3], []]);
});

test('the numbers of what stays have no gap, whatever a clock that was wrong wrote', async () => {
  const id = await givenWorkspace(kit.db);
  await given(id, [40, 1, 40, 40, 2]);
  await drop();
  expect(await kept(id)).toEqual([2, 3, 4, 5]);
});

test('a tick that is cut short leaves no gap either, and the next one goes on', async () => {
  const ids = [await givenWorkspace(kit.db), await givenWorkspace(kit.db)];
  for (const id of ids) await given(id, [50, 49, 48, 47, 46, 1]);
  for (let left = 12; left > 2;) {
    const { events } = await drop({ batch: 3, limitMs: 0 });
    expect(events).toBe(Math.min(3, left - 2));
    left -= events;
    const all = await Promise.all(ids.map(kept));
    expect(all.flat()).toHaveLength(left);
    for (const seqs of all) expect(seqs).toEqual(seqs.map((_, at) => 6 - seqs.length + 1 + at));
  }
});

test('events of no workspace go by their age alone', async () => {
  await given(null, [40, 1]);
  expect(await drop()).toEqual({ events: 1, keys: 0 });
});

test('a key is remembered for a day', async () => {
  const key = (hours: number) => ({
    scope: randomBytes(32),
    requestHash: randomBytes(32),
    createdAt: ago(hours * 60 * MINUTE),
  });
  await kit.db.idempotencyKey.createMany({ data: [key(25), key(23)] });
  expect(await drop()).toEqual({ events: 0, keys: 1 });
});

test('what a switch could not stop is remembered until it is, however old, and its end until that is forgotten', async () => {
  const workspaceId = await givenWorkspace(kit.db);
  await given(workspaceId, [1]);
  const audit = (type: string, targetId: string | null = null) => ({
    id: randomUUID(),
    workspaceId,
    eventType: `workspace.provider.switch_stop_${type}`,
    targetId,
    createdAt: ago(90 * DAY),
  });
  const [open, over] = [audit('exhausted'), audit('exhausted')];
  const end = audit('completed', over.id);
  await kit.db.structureEvent.createMany({ data: [open, over, end] });
  const left = async () => {
    await drop();
    const rows = await kit.db.structureEvent.findMany({ where: { workspaceId, seq: null } });
    return rows.map(({ id }) => id).sort();
  };
  expect(await left()).toEqual([open.id, end.id].sort());
  expect(await left()).toEqual([open.id]);
});
