import { CancelledFailure } from '@temporalio/common';
import { type TestDatabase, testDatabase } from '@holdfast/infra/testing/index';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { finishOwedBoxes } from '../src/box/finish-owed.ts';
import { removeVolumes } from '../src/box/remove-volumes.ts';
import { settleBoxes } from '../src/box/settle-boxes.ts';
import { startBox } from '../src/box/start-box.ts';
import { backOffMs } from '../src/box/stop-box.ts';
import { liarBackend } from '../src/box/testing/liar.ts';
import {
  aPulse,
  type BoxRig,
  boxRig,
  type Given,
  type GivenBox,
  givenBox,
  givenOperation,
  rowOf,
  takenOver,
} from './box-given.ts';

let test_: TestDatabase;
beforeAll(async () => {
  test_ = await testDatabase();
});
afterAll(() => test_.dispose());
const db = () => test_.database;
const settle = (rig: BoxRig, given: Given, limitMs = 100, pulse = aPulse()) =>
  settleBoxes(rig.context, { ...given.order, limitMs }, pulse);
const started = async (rig: BoxRig, given?: Given): Promise<GivenBox> => {
  const box = await givenBox(rig, given);
  await startBox(rig.context, box.startOrder, aPulse());
  return box;
};
const ago = (ms: number) => new Date(Date.now() - ms);

describe('settling a workspace', () => {
  test('stops its boxes and erases what they could prove themselves with', async () => {
    const rig = boxRig(db());
    const given = await started(rig);
    await takenOver(rig, given);
    expect(await settle(rig, given)).toEqual({ gone: 1, owed: [] });
    expect(rig.engine.children.size).toBe(0);
    expect(await rowOf(rig, given)).toMatchObject({
      state: 'gone',
      sealedCredentials: null,
      nonceHash: null,
      goneAt: expect.any(Date),
    });
  });

  test('says nothing of what failed inside, may be tried again, and logs the cause', async () => {
    const rig = boxRig(db());
    const given = await started(rig);
    const get = () => ({ findMany: () => Promise.reject(new Error('host db-17 refused')) });
    const closed = { ...rig, context: { ...rig.context, db: new Proxy(db(), { get }) } };
    await expect(settle(closed, given)).rejects.toMatchObject({
      type: 'PLATFORM_UNAVAILABLE',
      message: 'The platform cannot reach its database.',
      nonRetryable: false,
    });
    expect(rig.logged.join()).toContain('host db-17 refused');
  });

  test('never touches a box that counts', async () => {
    const rig = boxRig(db());
    const given = await started(rig);
    expect(await settle(rig, given)).toEqual({ gone: 0, owed: [] });
    expect(rig.engine.children.size).toBe(1);
    expect(await rowOf(rig, given)).toMatchObject({ state: 'running' });
  });

  test('never touches a box of another host or owner', async () => {
    const rig = boxRig(db());
    const given = await givenOperation(rig);
    const elsewhere = await givenBox(rig, given, { state: 'owed', host: 'another host' });
    const theirs = await givenBox(rig, given, { state: 'owed', owner: 'another owner' });
    expect(await settle(rig, given)).toEqual({ gone: 0, owed: [] });
    expect([(await rowOf(rig, elsewhere)).state, (await rowOf(rig, theirs)).state]).toEqual(['owed', 'owed']);
  });

  test('may run again after it has done its work', async () => {
    const rig = boxRig(db());
    const given = await started(rig);
    await takenOver(rig, given);
    await settle(rig, given);
    expect(await settle(rig, given)).toEqual({ gone: 0, owed: [] });
  });

  test.each(['failed', 'lost', 'late', 'doubled'] as const)('gets there although a stop was %s', async (lie) => {
    const rig = boxRig(db());
    const given = await started(rig);
    await takenOver(rig, given);
    rig.engine.lie('stop', lie);
    expect(await settle(rig, given, 5_000)).toEqual({ gone: 1, owed: [] });
    rig.engine.catchUp();
    expect(rig.engine.children.size).toBe(0);
  });

  test('owes what it could not stop in time, with a reason that says nothing of the inside', async () => {
    const rig = boxRig(db());
    const given = await started(rig);
    await takenOver(rig, given);
    rig.engine.lie('stop', ...Array.from({ length: 500 }, () => 'failed' as const));
    expect(await settle(rig, given, 50)).toEqual({ gone: 0, owed: [`box ${given.boxId}: the backend failed`] });
    expect(await rowOf(rig, given)).toMatchObject({
      state: 'owed',
      owedReason: 'the backend failed',
      attempts: 1,
      nextAttemptAt: expect.any(Date),
    });
  });

  test('waits for a backend that hangs no longer than it may', async () => {
    const rig = boxRig(db(), {
      backends: (engine, owner) => [{ ...liarBackend(engine, owner), stop: () => new Promise(() => undefined) }],
    });
    const given = await started(rig);
    await takenOver(rig, given);
    expect(await settle(rig, given, 50)).toEqual({
      gone: 0,
      owed: [`box ${given.boxId}: the backend does not answer`],
    });
  });

  test('owes a box whose backend this host does not serve: nobody knows that it is gone', async () => {
    const rig = boxRig(db(), { backends: () => [] });
    const given = await givenBox(rig, undefined, { state: 'stopping' });
    expect(await settle(rig, given)).toEqual({
      gone: 0,
      owed: [`box ${given.boxId}: this host does not serve the backend of the box`],
    });
  });

  test('has nothing to do for a workspace that never had a box, also without a backend', async () => {
    const rig = boxRig(db(), { backends: () => [] });
    expect(await settle(rig, await givenOperation(rig))).toEqual({ gone: 0, owed: [] });
  });

  test('takes a box that nobody has begun to create for gone', async () => {
    const rig = boxRig(db());
    const given = await givenBox(rig);
    await takenOver(rig, given);
    expect(await settle(rig, given)).toEqual({ gone: 1, owed: [] });
  });

  test('owes a box it does not find while a create of it may still come out, and finishes it when it came', async () => {
    const rig = boxRig(db(), { longestCreateMs: 60_000 });
    const given = await givenBox(rig);
    rig.engine.lie('start', 'late');
    await expect(startBox(rig.context, given.startOrder, aPulse())).rejects.toThrow();
    await takenOver(rig, given);
    expect(await settle(rig, given)).toEqual({
      gone: 0,
      owed: [`box ${given.boxId}: its create may still be under way`],
    });
    rig.engine.catchUp();
    await db().box.update({ where: { id: given.boxId }, data: { nextAttemptAt: ago(1) } });
    expect(await finishOwedBoxes(rig.context)).toEqual({ gone: 1, owed: 0 });
    expect(rig.engine.children.size).toBe(0);
  });

  test('goes by the clock of the database: a worker that is ahead of it takes no box for gone too early', async () => {
    const rig = boxRig(db(), { longestCreateMs: 60_000 });
    const given = await givenBox(rig, undefined, { state: 'stopping', createBegunAt: new Date() });
    const ahead = vi.spyOn(Date, 'now').mockImplementation(() => performance.timeOrigin + performance.now() + 600_000);
    const settled = await settle(rig, given).finally(() => ahead.mockRestore());
    expect(settled.gone).toBe(0);
    const { state, nextAttemptAt } = await rowOf(rig, given);
    expect(state).toBe('owed');
    expect(nextAttemptAt?.getTime()).toBeLessThan(Date.now() + 61_000);
  });

  test('takes a box it does not find for gone once no create of it can come out any more', async () => {
    const rig = boxRig(db(), { longestCreateMs: 60_000 });
    const given = await givenBox(rig, undefined, { state: 'stopping', createBegunAt: ago(60_001) });
    expect(await settle(rig, given)).toEqual({ gone: 1, owed: [] });
  });

  test('finishes what is owed first, so that a restart begins clean', async () => {
    const rig = boxRig(db());
    const given = await givenOperation(rig, 'restart');
    await givenBox(rig, given, { state: 'owed', nextAttemptAt: new Date(Date.now() + 60_000) });
    expect(await settle(rig, given)).toEqual({ gone: 1, owed: [] });
  });

  test('ends cancelled when it is cut, and leaves the rows to whoever comes next', async () => {
    const rig = boxRig(db());
    const given = await started(rig);
    await takenOver(rig, given);
    rig.engine.lie('stop', ...Array.from({ length: 500 }, () => 'failed' as const));
    const pulse = aPulse();
    pulse.cut();
    await expect(settle(rig, given, 60_000, pulse)).rejects.toBeInstanceOf(CancelledFailure);
    expect((await rowOf(rig, given)).state).toBe('owed');
  });
});

describe('finishing what is owed', () => {
  const owed = (rig: BoxRig, over = {}) =>
    givenBox(rig, undefined, { state: 'owed', owedReason: 'x', nextAttemptAt: ago(1), ...over });

  test('leaves what is not due yet, and what another host or owner owes', async () => {
    const rig = boxRig(db());
    const boxes = [
      await owed(rig, { nextAttemptAt: new Date(Date.now() + 60_000) }),
      await owed(rig, { host: 'another' }),
      await owed(rig, { owner: 'another' }),
    ];
    expect(await finishOwedBoxes(rig.context)).toEqual({ gone: 0, owed: 0 });
    for (const box of boxes) expect((await rowOf(rig, box)).state).toBe('owed');
  });

  test('tries what is due, and less and less often what fails', async () => {
    const rig = boxRig(db(), { backends: () => [] });
    const box = await owed(rig, { attempts: 3 });
    expect(await finishOwedBoxes(rig.context)).toEqual({ gone: 0, owed: 1 });
    const { attempts, nextAttemptAt } = await rowOf(rig, box);
    expect(attempts).toBe(4);
    expect((nextAttemptAt?.getTime() ?? 0) - Date.now()).toBeGreaterThan(30_000);
    expect([0, 1, 2, 20].map(backOffMs)).toEqual([5_000, 10_000, 20_000, 300_000]);
  });

  test('takes over a box that somebody was stopping and has forgotten, not one that is being stopped', async () => {
    const rig = boxRig(db());
    const forgotten = await owed(rig, { state: 'stopping', stoppingAt: ago(301_000), nextAttemptAt: null });
    const busy = await owed(rig, { state: 'stopping', stoppingAt: ago(1_000), nextAttemptAt: null });
    await finishOwedBoxes(rig.context);
    expect([(await rowOf(rig, forgotten)).state, (await rowOf(rig, busy)).state]).toEqual(['gone', 'stopping']);
  });

  test('takes over a box whose operation ended before it came up, not one that is coming up', async () => {
    const rig = boxRig(db());
    const orphan = await givenBox(rig, undefined, { createdAt: ago(301_000) });
    await db().operation.update({ where: { id: orphan.operationId }, data: { state: 'failed' } });
    const coming = await givenBox(rig, undefined, { createdAt: ago(301_000) });
    await finishOwedBoxes(rig.context);
    expect([(await rowOf(rig, orphan)).state, (await rowOf(rig, coming)).state]).toEqual(['gone', 'creating']);
    expect(await db().workspace.findUniqueOrThrow({ where: { id: orphan.workspaceId } })).toMatchObject({
      boxId: null,
      boxOperationId: null,
    });
  });

  test('is done once by two workers of one host', async () => {
    const rig = boxRig(db());
    await owed(rig);
    const reports = await Promise.all([finishOwedBoxes(rig.context), finishOwedBoxes(rig.context)]);
    expect(reports.reduce((sum, { gone }) => sum + gone, 0)).toBe(1);
    expect(rig.engine.heard).toEqual(['stop']);
  });

  test('removes the volumes that the delete of a workspace had to leave, and its work stays', async () => {
    const rig = boxRig(db());
    const given = await started(rig);
    await takenOver(rig, given);
    await db().workspace.update({ where: { id: given.workspaceId }, data: { status: 'removed' } });
    await db().box.update({ where: { id: given.boxId }, data: { state: 'owed', nextAttemptAt: ago(1) } });
    await finishOwedBoxes(rig.context);
    const volume = rig.engine.volumes.get(given.workspaceId);
    expect([volume?.files.size, volume?.work]).toEqual([0, true]);
  });

  test('keeps the volumes of a workspace that is not removed', async () => {
    const rig = boxRig(db());
    const given = await started(rig);
    await takenOver(rig, given);
    await db().box.update({ where: { id: given.boxId }, data: { state: 'owed', nextAttemptAt: ago(1) } });
    await finishOwedBoxes(rig.context);
    expect(rig.engine.volumes.get(given.workspaceId)?.files.size).toBeGreaterThan(0);
  });
});

describe('removing volumes', () => {
  test('goes on after a failure', async () => {
    const rig = boxRig(db());
    const given = await started(rig);
    rig.engine.lie('removeVolumes', 'failed');
    await removeVolumes(rig.context, { workspaceId: given.workspaceId, purge: true });
    expect(rig.engine.volumes.size).toBe(0);
  });

  test('fails no delete when it cannot, and says so', async () => {
    const rig = boxRig(db());
    const given = await started(rig);
    rig.engine.lie('removeVolumes', ...Array.from({ length: 6 }, () => 'failed' as const));
    await expect(removeVolumes(rig.context, { workspaceId: given.workspaceId, purge: true })).resolves.toBeUndefined();
    expect(rig.logged.join()).toContain('were not removed');
  });
});
