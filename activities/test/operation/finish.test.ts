import { randomUUID } from 'node:crypto';
import { finishOperation } from '@holdfast/activities/operation/finish';
import { type TestDatabase, testDatabase } from '@holdfast/infra/testing/index';
import { failures } from '@holdfast/workflows/failure/failures';
import type { OperationKind } from '@holdfast/workflows/operation/operation';
import type { Ending, RunRef } from '@holdfast/workflows/operation/ports';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { givenWorkspace } from '../given-workspace.ts';
import { everythingOf, givenBox, givenOperation, givenOwner } from './given-operation.ts';

let kit: TestDatabase;
beforeAll(async () => {
  kit = await testDatabase();
});
afterAll(() => kit.dispose());

const failed: Ending = { state: 'failed', failureCode: 'START_FAILED', failureText: 'workspace start failed' };
const timedOut: Ending = {
  state: 'failed',
  failureCode: 'AGENT_TIMEOUT',
  failureText: 'too late',
  failureFacts: { source: 'sweep' },
};

const workspace = (id: string) => kit.database.workspace.findUniqueOrThrow({ where: { id } });
const operation = (id: string) => kit.database.operation.findUniqueOrThrow({ where: { id } });
const boxesOf = (workspaceId: string) =>
  kit.database.box.findMany({ where: { workspaceId }, orderBy: { createdAt: 'asc' } });
const eventsOf = (workspaceId: string) =>
  kit.database.structureEvent.findMany({ where: { workspaceId }, orderBy: { seq: 'asc' } });
const typesOf = async (id: string) => (await eventsOf(id)).map(({ eventType }) => eventType);

async function running(kind: OperationKind = 'provision', status = 'provisioning'): Promise<RunRef> {
  return givenOwner(kit.database, await givenWorkspace(kit.database, { status: status as 'provisioning' }), { kind });
}

/** Finishes twice: the second time is what a killed worker or a signal during the task makes of it. */
async function finish(run: RunRef, ending?: Ending, kind: OperationKind = 'provision') {
  const order = { ...run, kind, ...(ending ? { ending } : {}) };
  const first = await finishOperation(kit.database, order);
  const before = await everythingOf(kit.database, run.workspaceId);
  expect(await finishOperation(kit.database, order)).toEqual(first);
  expect(await everythingOf(kit.database, run.workspaceId)).toEqual(before);
  return first;
}

describe('the finish', () => {
  test('ends the operation and frees the workspace', async () => {
    const run = await running();
    await kit.database.workspace.update({ where: { id: run.workspaceId }, data: { status: 'online' } });
    expect(await finish(run, { state: 'succeeded' })).toEqual({ state: 'succeeded' });
    expect(await workspace(run.workspaceId)).toMatchObject({ operationId: null, status: 'online' });
    expect(await typesOf(run.workspaceId)).toEqual([]);
  });

  test('marks the workspace of a failed bring-up, with one event that says the same', async () => {
    const run = await running();
    expect(await finish(run, { ...failed, failureFacts: { missing: ['X'] } })).toEqual({
      state: 'failed',
      failure: { code: 'START_FAILED', text: 'workspace start failed' },
    });
    expect(await workspace(run.workspaceId)).toMatchObject({
      status: 'failed',
      lastSampleError: 'workspace start failed',
      operationId: null,
    });
    expect(await operation(run.operationId)).toMatchObject({
      failureCode: 'START_FAILED',
      failureText: 'workspace start failed',
    });
    expect(await eventsOf(run.workspaceId)).toMatchObject([
      { eventType: 'WORKSPACE_PROVISION_FAILED', payload: { error: 'workspace start failed', missing: ['X'] } },
    ]);
  });

  test.each(['START_FAILED', 'NO_BACKEND', 'AGENT_TIMEOUT', 'BOOT_FAILED'] as const)(
    'incident 24: leaves no workspace that failed with %s without a text, also where nobody had one',
    async (failureCode) => {
      const run = await running();
      await finish(run, { state: 'failed', failureCode });
      expect(await workspace(run.workspaceId)).toMatchObject({ lastSampleError: 'provisioning failed' });
      expect(await eventsOf(run.workspaceId)).toMatchObject([{ payload: { error: 'provisioning failed' } }]);
    },
  );

  test('says the reason on the operation, and on the workspace the text of the wire contract alone', async () => {
    const run = await running();
    await finish(run, { ...failed, failureFacts: { reason: 'the cloud is full (QUOTA_EXCEEDED)' } });
    expect(await workspace(run.workspaceId)).toMatchObject({ lastSampleError: 'workspace start failed' });
    expect(await operation(run.operationId)).toMatchObject({
      failureText: 'workspace start failed: the cloud is full (QUOTA_EXCEEDED)',
    });
  });

  test.each([
    ['whose way back failed too', '; and the way back failed: workspace start failed'],
    ['that does no more', ''],
  ])('of a switch %s names what the watcher of its box said, and every cause', async (_, wayBack) => {
    const run = await running('switch');
    await kit.database.workspace.update({
      where: { id: run.workspaceId },
      data: { lastSampleError: 'kernel panic\n\nat 0x0' },
    });
    const { says } = failures.BOOT_FAILED;
    const ending: Ending = { state: 'failed', failureCode: 'BOOT_FAILED', failureText: `${says}${wayBack}` };
    // A history is told neither.
    expect(await finish(run, ending, 'switch')).toMatchObject({ failure: { code: 'BOOT_FAILED', text: says } });
    expect((await operation(run.operationId)).failureText).toBe(`kernel panic\n\nat 0x0${wayBack}`);
  });

  test('of a switch whose both boxes crashed names both, the last one as its watcher did', async () => {
    const run = await running('switch', 'failed');
    await kit.database.workspace.update({
      where: { id: run.workspaceId },
      data: { lastSampleError: 'out of memory' },
    });
    const { says } = failures.BOOT_FAILED;
    const failureText = `${says}; and the way back failed: ${says}`;
    await finish(run, { state: 'failed', failureCode: 'BOOT_FAILED', failureText }, 'switch');
    expect((await operation(run.operationId)).failureText).toBe(`${says}; and the way back failed: out of memory`);
  });

  test('marks a cancelled bring-up as failed too', async () => {
    const run = await running();
    await finish(run, { state: 'cancelled', failureCode: 'CANCELLED', failureText: 'cancelled' });
    expect(await operation(run.operationId)).toMatchObject({ state: 'cancelled' });
    expect(await workspace(run.workspaceId)).toMatchObject({ status: 'failed', lastSampleError: 'cancelled' });
  });

  test.each(['failed', 'paused', 'removed', 'online', 'offline'] as const)(
    'sends no failure event when the row has become %s',
    async (status) => {
      const run = await running();
      await kit.database.workspace.update({ where: { id: run.workspaceId }, data: { status } });
      await finish(run, failed);
      expect(await workspace(run.workspaceId)).toMatchObject({ status, lastSampleError: null });
      expect(await typesOf(run.workspaceId)).toEqual([]);
    },
  );

  test('of a run that lost the workspace changes nothing and says who owns it (SP11)', async () => {
    const run = await running();
    const successor = await givenOperation(kit.database, run.workspaceId, { kind: 'delete' });
    await kit.database.operation.update({
      where: { id: run.operationId },
      data: { state: 'superseded', supersededBy: successor },
    });
    await kit.database.workspace.update({
      where: { id: run.workspaceId },
      data: { operationId: successor, status: 'removed' },
    });
    const before = await everythingOf(kit.database, run.workspaceId);
    expect(await finish(run, failed)).toEqual({
      state: 'superseded',
      next: {
        operationId: successor,
        workspaceId: run.workspaceId,
        orgId: 'default',
        kind: 'delete',
        provider: 'unplaced',
      },
    });
    expect(await everythingOf(kit.database, run.workspaceId)).toEqual(before);
  });

  test('of another run than the one that began changes nothing', async () => {
    const run = await running();
    const before = await everythingOf(kit.database, run.workspaceId);
    expect(await finish({ ...run, runId: randomUUID() }, failed)).toEqual({ state: 'running' });
    expect(await everythingOf(kit.database, run.workspaceId)).toEqual(before);
  });

  test('of an operation whose row is gone still comes to an end', async () => {
    const run = await running();
    await kit.database.workspace.update({ where: { id: run.workspaceId }, data: { operationId: null } });
    await kit.database.operation.delete({ where: { id: run.operationId } });
    expect(await finish(run, failed)).toEqual({ state: 'superseded' });
  });
});

describe('an agent that came at the last moment', () => {
  test.each([failed, timedOut, { state: 'coalesced' } as const])(
    'makes the bring-up a success in spite of $state',
    async (ending) => {
      const run = await running();
      await kit.database.operation.update({ where: { id: run.operationId }, data: { cycle: 2 } });
      const box = await givenBox(kit.database, run, { state: 'running', cycle: 2, current: true });
      await kit.database.box.update({ where: { id: box }, data: { registeredAt: new Date() } });
      await kit.database.workspace.update({ where: { id: run.workspaceId }, data: { status: 'online' } });
      expect(await finish(run, ending)).toEqual({ state: 'succeeded' });
      expect(await workspace(run.workspaceId)).toMatchObject({ status: 'online', boxId: box, lastSampleError: null });
      expect(await operation(run.operationId)).toMatchObject({
        state: 'succeeded',
        failureCode: null,
        failureText: null,
      });
    },
  );

  test.each([
    ['of an earlier cycle', { cycle: 1, state: 'gone' }],
    ['whose box was settled', { cycle: 2, state: 'stopping' }],
  ] as const)('%s does not count', async (_, box) => {
    const run = await running();
    await kit.database.operation.update({ where: { id: run.operationId }, data: { cycle: 2 } });
    const id = await givenBox(kit.database, run, box);
    await kit.database.box.update({ where: { id }, data: { registeredAt: new Date() } });
    expect(await finish(run, failed)).toMatchObject({ state: 'failed' });
  });
});

describe('what waits', () => {
  test('is promoted, the oldest first, with the status and the event of its own request', async () => {
    const run = await running('provision');
    await kit.database.workspace.update({
      where: { id: run.workspaceId },
      data: { status: 'online', url: 'http://127.0.0.1:1' },
    });
    const oldest = await givenOperation(kit.database, run.workspaceId, { kind: 'restart' });
    await givenOperation(kit.database, run.workspaceId, { kind: 'restart' });
    const finished = await finish(run, { state: 'succeeded' });
    expect(finished).toMatchObject({
      state: 'succeeded',
      next: { operationId: oldest, kind: 'restart', workspaceId: run.workspaceId },
    });
    expect(await workspace(run.workspaceId)).toMatchObject({ operationId: oldest, status: 'provisioning', url: '' });
    expect(await operation(oldest)).toMatchObject({ state: 'accepted', priorStatus: 'online' });
    expect(await typesOf(run.workspaceId)).toEqual(['WORKSPACE_PROVISIONING']);
  });

  test('spares the workspace the failure of what ran before', async () => {
    const run = await running();
    const queued = await givenOperation(kit.database, run.workspaceId, { kind: 'restart' });
    expect(await finish(run, failed)).toMatchObject({ state: 'failed', next: { operationId: queued } });
    expect(await workspace(run.workspaceId)).toMatchObject({ status: 'provisioning', lastSampleError: null });
    expect(await typesOf(run.workspaceId)).not.toContain('WORKSPACE_PROVISION_FAILED');
  });

  test('takes in an operation that has used up its cycles', async () => {
    const run = await running();
    const queued = await givenOperation(kit.database, run.workspaceId, { kind: 'restart' });
    expect(await finish(run, { state: 'coalesced' })).toMatchObject({
      state: 'coalesced',
      next: { operationId: queued },
    });
    expect(await operation(run.operationId)).toMatchObject({ state: 'coalesced', coalescedInto: queued });
  });

  test('a resume leaves the pause that ran before it', async () => {
    const run = await running('pause', 'paused');
    const queued = await givenOperation(kit.database, run.workspaceId, { kind: 'resume' });
    await finish(run, { state: 'succeeded' }, 'pause');
    expect(await workspace(run.workspaceId)).toMatchObject({ status: 'provisioning', operationId: queued });
  });

  test('a delete keeps the workspace removed and sends no event', async () => {
    const run = await running('delete', 'removed');
    const queued = await givenOperation(kit.database, run.workspaceId, { kind: 'delete', request: { purge: true } });
    expect(await finish(run, { state: 'succeeded' }, 'delete')).toMatchObject({
      next: { operationId: queued, kind: 'delete' },
    });
    expect(await workspace(run.workspaceId)).toMatchObject({ status: 'removed', operationId: queued });
    expect(await typesOf(run.workspaceId)).toEqual([]);
  });
});

describe('the ledger at the end', () => {
  test('owes what nobody has stopped: no box is being stopped by an operation that has ended', async () => {
    const run = await running();
    await givenBox(kit.database, run, { state: 'stopping' });
    await finish(run, failed);
    expect(await boxesOf(run.workspaceId)).toMatchObject([
      { state: 'owed', owedReason: expect.stringMatching(/\w/), nextAttemptAt: expect.any(Date) },
    ]);
  });

  test('owes a box that a late attempt minted after the undo', async () => {
    const run = await running();
    await givenBox(kit.database, run, { state: 'creating', current: true });
    await finish(run, { state: 'cancelled', failureCode: 'CANCELLED', failureText: 'cancelled' });
    expect(await boxesOf(run.workspaceId)).toMatchObject([{ state: 'owed' }]);
    expect(await workspace(run.workspaceId)).toMatchObject({ boxId: null, status: 'failed' });
  });

  test('keeps the box of an agent that may still come after the deadline', async () => {
    const run = await running();
    const box = await givenBox(kit.database, run, { state: 'running', current: true });
    await finish(run, timedOut);
    expect(await boxesOf(run.workspaceId)).toMatchObject([{ state: 'running' }]);
    expect(await workspace(run.workspaceId)).toMatchObject({ boxId: box, status: 'failed' });
  });

  test('keeps the box of a success', async () => {
    const run = await running();
    const box = await givenBox(kit.database, run, { state: 'running', current: true });
    await finish(run, { state: 'succeeded' });
    expect(await workspace(run.workspaceId)).toMatchObject({ boxId: box });
    expect(await boxesOf(run.workspaceId)).toMatchObject([{ state: 'running' }]);
  });
});
