import { type TestDatabase, testDatabase } from '@holdfast/infra/testing/index';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { forgetLoops, recordTick } from '../src/loop/loop-records.ts';

let kit: TestDatabase;
beforeAll(async () => {
  kit = await testDatabase();
});
afterAll(() => kit.dispose());
const loop = () => kit.database.loop.findUniqueOrThrow({ where: { name: 'a loop' } });

test('a tick is noted with what it did, in place of the one before', async () => {
  await recordTick(kit.database, 'a loop', 500, { lost: 1 });
  const first = await loop();
  await recordTick(kit.database, 'a loop', 700);
  const second = await loop();
  expect([first.periodMs, first.detail, second.periodMs, second.detail]).toEqual([500, { lost: 1 }, 700, {}]);
  expect(second.lastTickAt.getTime()).toBeGreaterThanOrEqual(first.lastTickAt.getTime());
});

test('a tick of a worker whose clock is ahead is not noted in the future', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 600_000 });
  await recordTick(kit.database, 'a loop', 500).finally(() => vi.useRealTimers());
  expect((await loop()).lastTickAt.getTime()).toBeLessThan(Date.now() + 60_000);
});

test('a loop that was switched off is forgotten, and no other', async () => {
  for (const name of ['off', 'on']) await recordTick(kit.database, name, 500);
  await forgetLoops(kit.database, ['off', 'never was']);
  const left = await kit.database.loop.findMany({ where: { name: { in: ['off', 'on'] } } });
  expect(left.map(({ name }) => name)).toEqual(['on']);
});
