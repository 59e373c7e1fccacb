import { type TestDatabase, testDatabase } from '@holdfast/infra/testing/index';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { observeHost } from '../src/box/observe-host.ts';
import { liarBackend } from '../src/box/testing/liar.ts';
import { type BoxRig, boxRig } from './box-given.ts';

let kit: TestDatabase;
beforeAll(async () => {
  kit = await testDatabase();
});
afterAll(() => kit.dispose());
const db = () => kit.database;

describe('the presence of a host', () => {
  const seen = (rig: BoxRig) => db().backend.findMany({ where: { host: rig.context.host } });

  test('is noted for each backend that answers, and renewed', async () => {
    const rig = boxRig(db());
    expect(await observeHost(rig.context)).toEqual(['docker']);
    const [first] = await seen(rig);
    await observeHost(rig.context);
    const [second] = await seen(rig);
    expect(second?.seenAt.getTime()).toBeGreaterThan(first?.seenAt.getTime() ?? 0);
  });

  test('is not renewed while the backend does not answer: away is not none', async () => {
    let answers = true;
    const ping = () => (answers ? Promise.resolve() : Promise.reject(new Error('no engine')));
    const rig = boxRig(db(), { backends: (engine, owner) => [{ ...liarBackend(engine, owner), ping }] });
    await observeHost(rig.context);
    const before = await seen(rig);
    answers = false;
    expect(await observeHost(rig.context)).toEqual([]);
    expect(await seen(rig)).toEqual(before);
  });

  test('leaves no row where there is no backend', async () => {
    const rig = boxRig(db(), { backends: () => [] });
    await observeHost(rig.context);
    expect(await seen(rig)).toEqual([]);
  });

  test('forgets what an earlier worker of the host served and this one does not', async () => {
    const rig = boxRig(db());
    await db().backend.create({ data: { host: rig.context.host, kind: 'process' } });
    await observeHost(rig.context);
    expect((await seen(rig)).map(({ kind }) => kind)).toEqual(['docker']);
  });
});
