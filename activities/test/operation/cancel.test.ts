import { requestCancel } from '@holdfast/activities/operation/cancel';
import { requestHibernate } from '@holdfast/activities/workspace/request-hibernate';
import { requestRestart } from '@holdfast/activities/workspace/request-restart';
import { requestSwitch } from '@holdfast/activities/workspace/request-switch';
import { beforeAll, describe, expect, test } from 'vitest';
import { givenWorkspace } from '../given-workspace.ts';
import { everythingOf, givenBox, givenOperation, givenOwner, thrownBy } from './given-operation.ts';
import { boxesOf, db, eventsOf, operation, useRows, workspace } from './rows-kit.ts';

useRows();
beforeAll(async () => {
  await db.backend.create({ data: { host: 'clouds', kind: 'control-plane' } });
});

const cancel = (operationId: string) => db.$transaction((tx) => requestCancel(tx, { operationId, actor: 'somebody' }));
const cancellable = ['provision', 'restart', 'resume', 'hibernate', 'wake', 'switch'] as const;

describe('a cancellation', () => {
  test.each(cancellable)('of a %s that runs is left to its run, and kept on its row until then', async (kind) => {
    const id = await givenWorkspace(db, { status: 'provisioning' });
    const run = await givenOwner(db, id, { kind });
    expect(await cancel(run.operationId)).toEqual({ workspaceId: id, state: 'cancelling' });
    const row = await operation(run.operationId);
    expect(row).toMatchObject({ state: 'running', cancelledBy: 'somebody' });
    expect(row.cancelRequestedAt).not.toBeNull();
    expect(await cancel(run.operationId)).toMatchObject({ state: 'cancelling' });
    expect((await operation(run.operationId)).cancelRequestedAt).toEqual(row.cancelRequestedAt);
  });

  test.each(['pause', 'delete'] as const)('of a %s is refused: it only ever finishes', async (kind) => {
    const id = await givenWorkspace(db, { status: kind === 'pause' ? 'paused' : 'removed' });
    const run = await givenOwner(db, id, { kind });
    const before = await everythingOf(db, id);
    expect(await thrownBy(cancel(run.operationId))).toMatchObject({
      code: 'OPERATION_NOT_CANCELLABLE',
      message: `a ${kind} cannot be cancelled`,
    });
    expect(await everythingOf(db, id)).toEqual(before);
  });

  test.each(['succeeded', 'failed', 'compensated', 'superseded', 'coalesced', 'cancelled'] as const)(
    'of one that has ended as %s is refused',
    async (state) => {
      const id = await givenOperation(db, await givenWorkspace(db), { kind: 'restart', state });
      expect(await thrownBy(cancel(id))).toMatchObject({
        code: 'OPERATION_NOT_CANCELLABLE',
        message: `the operation has ended: ${state}`,
      });
    },
  );

  test('of one that was never there is refused', async () => {
    expect(await thrownBy(cancel('e1e1e1e1-0000-4000-8000-000000000000'))).toMatchObject({
      code: 'OPERATION_NOT_FOUND',
    });
  });

  test('of one that waits ends it at once and leaves what runs alone', async () => {
    const id = await givenWorkspace(db, { status: 'provisioning' });
    const run = await givenOwner(db, id, { kind: 'provision' });
    const waiting = await givenOperation(db, id, { kind: 'restart' });
    expect(await cancel(waiting)).toEqual({ workspaceId: id, state: 'cancelled' });
    expect(await operation(waiting)).toMatchObject({ state: 'cancelled', failureCode: 'CANCELLED' });
    expect((await workspace(id)).operationId).toBe(run.operationId);
  });

  test('of a restart that nobody has begun fails the workspace and says why, but leaves the box that runs to bring it back', async () => {
    const id = await givenWorkspace(db);
    const old = await givenOperation(db, id, { kind: 'provision', state: 'succeeded' });
    const boxId = await givenBox(db, { operationId: old, workspaceId: id, runId: '' }, { current: true });
    await db.box.update({ where: { id: boxId }, data: { url: 'http://box' } });
    const intake = await db.$transaction((tx) => requestRestart(tx, { workspaceId: id, actor: 'test' }));
    if (intake.noop) throw new Error('the platform runs its box');
    expect(await cancel(intake.operationId)).toEqual({ workspaceId: id, state: 'cancelled' });
    expect(await workspace(id)).toMatchObject({
      status: 'failed',
      lastSampleError: 'cancelled',
      operationId: null,
      boxId,
      url: 'http://box',
    });
    expect((await boxesOf(id)).map(({ state }) => state)).toEqual(['running']);
    expect(await eventsOf(id)).toEqual(['WORKSPACE_PROVISIONING', 'WORKSPACE_PROVISION_FAILED']);
  });

  test('of a restart that nobody has begun gives the workspace to what waits behind it', async () => {
    const id = await givenWorkspace(db);
    const restart = () => db.$transaction((tx) => requestRestart(tx, { workspaceId: id, actor: 'test' }));
    const [first, second] = [await restart(), await restart()];
    if (first.noop || second.noop) throw new Error('the platform runs its box');
    await cancel(first.operationId);
    expect(await workspace(id)).toMatchObject({ status: 'provisioning', operationId: second.operationId });
  });

  test('of a hibernation that nobody has begun leaves the workspace as it was, box and all', async () => {
    const id = await givenWorkspace(db, { url: 'http://box' });
    const old = await givenOperation(db, id, { kind: 'provision', state: 'succeeded' });
    const boxId = await givenBox(db, { operationId: old, workspaceId: id, runId: '' }, { current: true });
    const { operationId } = await db.$transaction((tx) =>
      requestHibernate(tx, { workspaceId: id, force: false, actor: 'test' }),
    );
    await cancel(operationId);
    expect(await workspace(id)).toMatchObject({ status: 'online', operationId: null, boxId, url: 'http://box' });
    expect((await boxesOf(id)).map(({ state }) => state)).toEqual(['running']);
    expect(await eventsOf(id)).toEqual([]);
  });

  test('of a hibernation that nobody has begun ends a wake that waits for it, and starts nothing', async () => {
    const id = await givenWorkspace(db);
    const old = await givenOperation(db, id, { kind: 'provision', state: 'succeeded' });
    const boxId = await givenBox(db, { operationId: old, workspaceId: id, runId: '' }, { current: true });
    const { operationId } = await db.$transaction((tx) =>
      requestHibernate(tx, { workspaceId: id, force: false, actor: 'test' }),
    );
    const wake = await givenOperation(db, id, { kind: 'wake' });
    await cancel(operationId);
    expect((await operation(wake)).state).toBe('succeeded');
    expect(await workspace(id)).toMatchObject({ status: 'online', operationId: null, boxId });
  });

  test.each(['online', 'degraded', 'offline', 'failed', 'paused', 'hibernated', 'awaiting_agent'] as const)(
    'of a switch that nobody has begun leaves a workspace that was %s as it was: status, cloud and box',
    async (status) => {
      const placed = { backend: 'control-plane', host: 'clouds' };
      const was = { status, url: 'http://box', instanceId: 'i-1', compute: { provider: 'aws' } };
      const id = await givenWorkspace(db, { ...placed, ...was });
      const old = await givenOperation(db, id, { kind: 'provision', state: 'succeeded' });
      const boxId = await givenBox(db, { operationId: old, workspaceId: id, runId: '' }, { current: true });
      const moving = { workspaceId: id, provider: 'hetzner', confirmDataLoss: false, actor: 'test' } as const;
      const intake = await db.$transaction((tx) => requestSwitch(tx, moving));
      if (intake.noop) throw new Error('it moves');
      expect(await cancel(intake.operationId)).toEqual({ workspaceId: id, state: 'cancelled' });
      expect(await workspace(id)).toMatchObject({ ...was, operationId: null, boxId, lastSampleError: null });
      expect(await operation(intake.operationId)).toMatchObject({ state: 'cancelled', failureCode: 'CANCELLED' });
      expect((await boxesOf(id)).map(({ state }) => state)).toEqual(['running']);
      expect(await eventsOf(id)).toEqual([]);
    },
  );
});
