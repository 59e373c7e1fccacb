import { randomUUID } from 'node:crypto';
import type { Beat } from '@holdfast/activities/agent/beat';
import { BeatQueue, type BeatQueueSettings, defaultBeatQueueSettings } from '@holdfast/activities/agent/beat-queue';
import { type TestDatabase, testDatabase, waitFor } from '@holdfast/infra/testing/index';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { givenWorkspace } from '../given-workspace.ts';
import { aBeat, cipher } from './given-agent.ts';

let db: TestDatabase;
const troubles: string[] = [];
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.dispose());

const queue = (settings: Partial<BeatQueueSettings> = {}) =>
  new BeatQueue(
    { db: db.database, cipher, onTrouble: (what) => troubles.push(what) },
    { ...defaultBeatQueueSettings, ...settings },
  );
const row = (id: string) => db.database.workspace.findUniqueOrThrow({ where: { id } });

/** Holds the row of a workspace until released. */
async function hold(id: string): Promise<() => Promise<void>> {
  const client = new pg.Client(db.url);
  await client.connect();
  await client.query('BEGIN');
  await client.query('SELECT 1 FROM workspaces WHERE id = $1 FOR UPDATE', [id]);
  return () => client.end();
}

test('a beat is answered when it can be read back', async () => {
  const id = await givenWorkspace(db.database);
  await queue().submit(aBeat(id, { uptimeSeconds: 5 }));
  expect((await row(id)).uptimeSeconds).toBe(5);
});

test('beats of one workspace are written in the order they came', async () => {
  const id = await givenWorkspace(db.database);
  const beats = queue();
  const done: number[] = [];
  await Promise.all([1, 2, 3].map((n) => beats.submit(aBeat(id, { uptimeSeconds: n })).then(() => done.push(n))));
  expect(done).toEqual([1, 2, 3]);
  expect((await row(id)).uptimeSeconds).toBe(3);
});

test('more beats than a batch takes are all written', async () => {
  const ids = Array.from({ length: 25 }, () => randomUUID());
  await db.database.workspace.createMany({
    data: ids.map((id) => ({ id, orgId: 'default', name: 'w', runtime: 'external', status: 'online' })),
  });
  const beats = queue({ largestBatch: 10 });
  const outcomes = await Promise.all(ids.map((id) => beats.submit(aBeat(id))));
  expect(outcomes.every(({ effect }) => effect === 'written')).toBe(true);
});

describe('a row that somebody holds', () => {
  test('does not hold up the beats of others, and is written when it is free', async () => {
    const [held, free] = [await givenWorkspace(db.database), await givenWorkspace(db.database)];
    const release = await hold(held);
    const beats = queue();
    const waiting = beats.submit(aBeat(held, { uptimeSeconds: 9 }));
    expect(await beats.submit(aBeat(free))).toMatchObject({ effect: 'written' });
    await release();
    expect(await waiting).toMatchObject({ effect: 'written' });
    expect((await row(held)).uptimeSeconds).toBe(9);
  });

  test('for too long fails its own beat only', async () => {
    const held = await givenWorkspace(db.database);
    const release = await hold(held);
    await expect(queue({ patienceMs: 50 }).submit(aBeat(held))).rejects.toMatchObject({
      code: 'INTERNAL',
      message: 'failed to update',
    });
    await release();
    expect((await row(held)).lastHeartbeatAt).toBeNull();
  });
});

test('figures and texts that no row can hold are bounded', async () => {
  const id = await givenWorkspace(db.database);
  const absurd: Partial<Beat> = {
    activeTasks: -3,
    uptimeSeconds: 2 ** 40,
    monthlySpend: 5e15,
    currentTask: 'a\0\ud83d',
    sampleError: '\0',
  };
  await queue().submit(aBeat(id, absurd));
  expect(await row(id)).toMatchObject({
    activeTasks: 0,
    uptimeSeconds: 2 ** 31 - 1,
    monthlySpend: 10n ** 12n,
    currentTask: 'a\u{fffd}\u{fffd}',
    lastSampleError: '\u{fffd}',
  });
  await queue().submit(aBeat(id, { monthlySpend: -5 }));
  expect((await row(id)).monthlySpend).toBe(10n ** 12n);
});

test('beats that cannot be written fail, and the next ones work', async () => {
  const id = await givenWorkspace(db.database);
  const beats = queue();
  await db.database.$executeRaw`ALTER TABLE workspaces RENAME TO workspaces_away`;
  await expect(beats.submit(aBeat(id))).rejects.toMatchObject({ code: 'INTERNAL', message: 'failed to update' });
  await db.database.$executeRaw`ALTER TABLE workspaces_away RENAME TO workspaces`;
  expect(troubles.splice(0)).toHaveLength(1);
  expect(await beats.submit(aBeat(id))).toMatchObject({ effect: 'written' });
});

test('beats of many gateways at once all arrive', async () => {
  const ids = await Promise.all(Array.from({ length: 20 }, () => givenWorkspace(db.database, { status: 'offline' })));
  const gateways = [queue(), queue(), queue()];
  const outcomes = await Promise.all(
    gateways.flatMap((beats) => ids.toReversed().map((id) => beats.submit(aBeat(id)))),
  );
  expect(outcomes.every(({ effect }) => effect === 'written')).toBe(true);
  await waitFor(
    async () => (await db.database.workspace.count({ where: { id: { in: ids }, status: 'online' } })) === 20,
  );
  expect(await db.database.structureEvent.count({ where: { workspaceId: { in: ids } } })).toBe(20);
});
