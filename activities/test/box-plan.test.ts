import { type TestDatabase, testDatabase, waitFor } from '@holdfast/infra/testing/index';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planBox } from '../src/box/plan-box.ts';
import { setGlobalSecret } from '../src/secret/secret-changes.ts';
import { boxRig, givenOperation } from './box-given.ts';

let kit: TestDatabase;
beforeAll(async () => {
  kit = await testDatabase();
});
afterAll(() => kit.dispose());

test('a workspace that comes up while a global secret changes, too late to be restarted for it, gets the new value', async () => {
  const rig = boxRig(kit.database);
  const { cipher } = rig.context;
  const change = { key: 'GLOBAL_KEY', actor: 'test' };
  await kit.database.$transaction((tx) => setGlobalSecret(tx, cipher, { ...change, value: 'old' }));
  const { coming, restarted } = await kit.database.$transaction(async (tx) => {
    const ids = await setGlobalSecret(tx, cipher, { ...change, value: 'new' });
    // Of this one the change knows nothing; its box is planned before the change is committed.
    const plan = planBox(rig.context, (await givenOperation(rig, 'resume')).order);
    const isWaiting = async () => {
      const [{ waiting }] = await kit.database.$queryRaw<[{ waiting: number }]>`
        SELECT count(*)::int AS waiting FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
      return waiting > 0;
    };
    await Promise.race([plan, waitFor(isWaiting)]);
    return { coming: { plan }, restarted: ids };
  });
  expect(restarted).toEqual([]);
  expect((await coming.plan).env.get('GLOBAL_KEY')).toBe('new');
});
