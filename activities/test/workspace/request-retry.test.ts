import { requestRetry } from '@holdfast/activities/workspace/request-retry';
import type { OperationKind } from '@holdfast/workflows/operation/operation';
import type { WorkspaceStatus } from '@holdfast/workflows/workspace/status';
import { beforeAll, describe, expect, test } from 'vitest';
import { givenWorkspace } from '../given-workspace.ts';
import { everythingOf, givenBox, givenOperation, thrownBy } from '../operation/given-operation.ts';
import { db, operation, useRows, workspace } from '../operation/rows-kit.ts';

useRows();
beforeAll(async () => {
  await db.backend.create({ data: { host: 'clouds', kind: 'control-plane' } });
});

const retry = (operationId: string) => db.$transaction((tx) => requestRetry(tx, { operationId, actor: 'test' }));

describe('a retry', () => {
  test.each<[OperationKind, WorkspaceStatus, object, OperationKind, object]>([
    ['provision', 'failed', {}, 'restart', {}],
    ['restart', 'failed', { template: 'crew', reset: true }, 'restart', { template: 'crew', reset: true }],
    ['resume', 'failed', {}, 'restart', {}],
    ['wake', 'failed', {}, 'restart', {}],
    ['hibernate', 'online', { force: true }, 'hibernate', { force: true }],
  ])('of a failed %s on a workspace that is %s does the same again', async (kind, status, request, again, wishes) => {
    const id = await givenWorkspace(db, { status, activeTasks: 1 });
    const failed = await givenOperation(db, id, { kind, state: 'failed', request });
    const retried = await retry(failed);
    expect(retried.workspaceId).toBe(id);
    expect(await operation(retried.operationId)).toMatchObject({
      kind: again,
      state: 'accepted',
      request: wishes,
      reason: `retry of ${failed}`,
    });
    expect((await workspace(id)).operationId).toBe(retried.operationId);
  });

  describe('of a switch', () => {
    const toHetzner = { provider_from: 'aws', provider_to: 'hetzner', provider_stored: 'aws' };
    async function switchThatEnded(state: 'failed' | 'cancelled', compute: object, request: object = toHetzner) {
      const id = await givenWorkspace(db, { status: 'failed', backend: 'control-plane', host: 'clouds', compute });
      return { id, ended: await givenOperation(db, id, { kind: 'switch', state, request }) };
    }

    test.each(['failed', 'cancelled'] as const)('that is %s moves the workspace to the same cloud', async (state) => {
      const { id, ended } = await switchThatEnded(state, { provider: 'aws' });
      const { operationId } = await retry(ended);
      expect(await operation(operationId)).toMatchObject({
        kind: 'switch',
        request: toHetzner,
        reason: `retry of ${ended}`,
      });
      expect(await workspace(id)).toMatchObject({ status: 'provisioning', operationId });
    });

    test.each([
      ['has been agreed to', { ...toHetzner, confirm_data_loss: true }],
      ['has not been agreed to', toHetzner],
    ])('loses what a persistent volume holds only if that %s', async (_, request) => {
      const compute = { provider: 'aws', data_persistence: 'persist' };
      const { ended } = await switchThatEnded('failed', compute, request);
      if (request === toHetzner) {
        expect(await thrownBy(retry(ended))).toMatchObject({ code: 'DATA_LOSS_UNCONFIRMED' });
        return;
      }
      expect(await operation((await retry(ended)).operationId)).toMatchObject({ kind: 'switch', request });
    });

    test('whose workspace is in that cloud already brings it up there', async () => {
      const { ended } = await switchThatEnded('failed', { provider: 'hetzner' });
      expect(await operation((await retry(ended)).operationId)).toMatchObject({ kind: 'restart', request: {} });
    });
  });

  test('of a delete that left a box stops it', async () => {
    const id = await givenWorkspace(db, { status: 'removed' });
    const failed = await givenOperation(db, id, { kind: 'delete', state: 'failed', request: { purge: true } });
    await givenBox(db, { operationId: failed, workspaceId: id, runId: '' }, { state: 'owed' });
    expect(await operation((await retry(failed)).operationId)).toMatchObject({
      kind: 'delete',
      request: { purge: true },
    });
  });

  test.each(['accepted', 'running', 'succeeded', 'superseded', 'coalesced'] as const)(
    'of one that is %s is refused',
    async (state) => {
      const id = await givenWorkspace(db);
      const one = await givenOperation(db, id, { kind: 'restart', state });
      const before = await everythingOf(db, id);
      expect(await thrownBy(retry(one))).toMatchObject({ code: 'OPERATION_NOT_RETRYABLE' });
      expect(await everythingOf(db, id)).toEqual(before);
    },
  );

  test('is refused once another operation has come after it', async () => {
    const id = await givenWorkspace(db);
    const failed = await givenOperation(db, id, { kind: 'restart', state: 'failed' });
    const later = await givenOperation(db, id, { kind: 'restart', state: 'succeeded' });
    expect(await thrownBy(retry(failed))).toMatchObject({
      code: 'OPERATION_NOT_RETRYABLE',
      message: `operation ${later} of the same workspace has come after it`,
    });
  });

  test('twice at once makes one', async () => {
    const id = await givenWorkspace(db, { status: 'failed' });
    const failed = await givenOperation(db, id, { kind: 'provision', state: 'failed' });
    const results = await Promise.allSettled([retry(failed), retry(failed)]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('of a failed pause is refused: the pause stands, and what it left is owed', async () => {
    const id = await givenWorkspace(db, { status: 'paused' });
    const failed = await givenOperation(db, id, { kind: 'pause', state: 'failed' });
    expect(await thrownBy(retry(failed))).toMatchObject({ message: 'there is nothing left to do' });
  });

  test('keeps the guards of its verb', async () => {
    const parent = await givenWorkspace(db, { status: 'paused' });
    const id = await givenWorkspace(db, { status: 'failed', parent: { connect: { id: parent } } });
    const failed = await givenOperation(db, id, { kind: 'restart', state: 'cancelled' });
    expect(await thrownBy(retry(failed))).toMatchObject({ code: 'PARENT_PAUSED' });
  });
});
