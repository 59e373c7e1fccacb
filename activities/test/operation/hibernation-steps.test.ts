import { describe, expect, test } from 'vitest';
import { requestHibernate } from '@holdfast/activities/workspace/request-hibernate';
import { requestWake } from '@holdfast/activities/workspace/request-wake';
import type { RunRef } from '@holdfast/workflows/operation/ports';
import { randomUUID } from 'node:crypto';
import { givenWorkspace } from '../given-workspace.ts';
import { givenBox } from './given-operation.ts';
import { boxesOf, db, eventsOf, operation, rows, twice, useRows, workspace } from './rows-kit.ts';

useRows();

/** A hibernation that runs, of a workspace with a box. */
async function hibernating(): Promise<{ run: RunRef; boxId: string }> {
  const workspaceId = await givenWorkspace(db, { status: 'degraded', url: 'http://box', tier: 2 });
  const boxId = await givenBox(db, { operationId: randomUUID(), workspaceId, runId: '' }, { current: true });
  await db.box.update({ where: { id: boxId }, data: { url: 'http://box', internalUrl: 'http://inner' } });
  const { operationId } = await db.$transaction((tx) =>
    requestHibernate(tx, { workspaceId, force: false, actor: 'test' }),
  );
  const run = { operationId, workspaceId, runId: randomUUID() };
  await rows.beginOperation(run);
  await rows.beginSettle({ ...run, beforeCycle: 1 });
  return { run, boxId };
}
const boxIs = (id: string, state: 'gone' | 'owed') => db.box.update({ where: { id }, data: { state } });

describe('a hibernation', () => {
  test('whose box is gone ends as hibernated, with its event and without an address', async () => {
    const { run, boxId } = await hibernating();
    await boxIs(boxId, 'gone');
    expect(await twice(run, () => rows.concludeHibernation(run))).toEqual({ hibernated: true });
    expect(await workspace(run.workspaceId)).toMatchObject({ status: 'hibernated', url: '', boxId: null });
    const events = await db.structureEvent.findMany({ where: { workspaceId: run.workspaceId } });
    expect(events.map(({ eventType, payload }) => [eventType, payload])).toEqual([
      ['WORKSPACE_HIBERNATED', { name: 'a workspace', tier: 2 }],
    ]);
  });

  test('whose box does not stop gives the workspace its status, box and addresses back, without an event', async () => {
    const { run, boxId } = await hibernating();
    await boxIs(boxId, 'owed');
    expect(await twice(run, () => rows.concludeHibernation(run))).toEqual({ hibernated: false });
    const row = await workspace(run.workspaceId);
    expect(row).toMatchObject({ status: 'degraded', boxId, url: 'http://box', internalUrl: 'http://inner' });
    expect(row.livenessExpiresAt!.getTime()).toBeGreaterThan(Date.now() + 100_000);
    expect((await boxesOf(run.workspaceId)).map(({ state, owedReason }) => [state, owedReason])).toEqual([
      ['running', null],
    ]);
    expect(await eventsOf(run.workspaceId)).toEqual([]);
  });

  test('that failed leaves the box alone when it finishes', async () => {
    const { run, boxId } = await hibernating();
    await boxIs(boxId, 'owed');
    await rows.concludeHibernation(run);
    const ending = { state: 'failed', failureCode: 'HIBERNATE_FAILED', failureText: 'no' } as const;
    expect(await rows.finishOperation({ ...run, kind: 'hibernate', ending })).toMatchObject({ state: 'failed' });
    expect((await boxesOf(run.workspaceId)).map(({ state }) => state)).toEqual(['running']);
    expect(await workspace(run.workspaceId)).toMatchObject({ status: 'degraded', boxId, operationId: null });
  });

  test('that stopped its box, and not one of before, goes on falling asleep, and fails until that is gone too', async () => {
    const { run, boxId } = await hibernating();
    const olderId = await givenBox(db, { ...run, operationId: randomUUID() }, { state: 'owed', host: 'away' });
    await boxIs(boxId, 'gone');
    expect(await twice(run, () => rows.concludeHibernation(run))).toEqual({ hibernated: false });
    expect(await db.box.findUnique({ where: { id: olderId } })).toMatchObject({ state: 'owed' });
    expect(await eventsOf(run.workspaceId)).toEqual([]);
    const ending = { state: 'failed', failureCode: 'HIBERNATE_FAILED', failureText: 'no' } as const;
    const finished = await rows.finishOperation({ ...run, kind: 'hibernate', ending });
    expect(finished).toMatchObject({ state: 'failed' });
    expect(finished.next).toBeUndefined();
    expect(await workspace(run.workspaceId)).toMatchObject({ status: 'hibernating', boxId: null, operationId: null });
  });

  test('that has given the workspace back stays so, also when its box is gone before the step runs again', async () => {
    const { run, boxId } = await hibernating();
    await boxIs(boxId, 'owed');
    expect(await rows.concludeHibernation(run)).toEqual({ hibernated: false });
    await boxIs(boxId, 'gone');
    expect(await rows.concludeHibernation(run)).toEqual({ hibernated: false });
    expect((await workspace(run.workspaceId)).status).toBe('degraded');
  });

  test('that was cancelled after its box was gone has succeeded', async () => {
    const { run, boxId } = await hibernating();
    await boxIs(boxId, 'gone');
    await rows.concludeHibernation(run);
    expect(await rows.finishOperation({ ...run, kind: 'hibernate', ending: { state: 'cancelled' } })).toMatchObject({
      state: 'succeeded',
    });
  });

  test('is not concluded by a run that no longer owns the workspace', async () => {
    const { run } = await hibernating();
    expect(await rows.concludeHibernation({ ...run, runId: randomUUID() })).toBeNull();
  });
});

describe('a hibernation that was abandoned', () => {
  /** It is taken up, and its run has asked for the stop. */
  const takenUp = async (workspaceId: string): Promise<RunRef> => {
    const { operationId } = await db.$transaction((tx) =>
      requestHibernate(tx, { workspaceId, force: false, abandoned: true, actor: 'test' }),
    );
    const run = { operationId, workspaceId, runId: randomUUID() };
    await rows.beginOperation(run);
    await rows.beginSettle({ ...run, beforeCycle: 1 });
    return run;
  };
  const fails = async (run: RunRef): Promise<void> => {
    expect(await twice(run, () => rows.concludeHibernation(run))).toEqual({ hibernated: false });
    const ending = { state: 'failed', failureCode: 'HIBERNATE_FAILED', failureText: 'no' } as const;
    expect(await rows.finishOperation({ ...run, kind: 'hibernate', ending })).toMatchObject({ state: 'failed' });
    expect((await workspace(run.workspaceId)).status).toBe('hibernating');
    expect((await boxesOf(run.workspaceId)).map(({ state }) => state)).toEqual(['owed']);
  };

  test('sleeps when its box is gone, however often it is taken up before', async () => {
    const workspaceId = await givenWorkspace(db, { status: 'hibernating', url: 'http://box' });
    const past = { operationId: randomUUID(), workspaceId, runId: '' };
    const boxId = await givenBox(db, past, { current: true });
    const first = await takenUp(workspaceId);
    await boxIs(boxId, 'owed');
    await fails(first);
    // Its row names no box any more: only the ledger says that there is one.
    expect((await workspace(workspaceId)).boxId).toBeNull();
    await fails(await takenUp(workspaceId));
    await boxIs(boxId, 'gone');
    const last = await takenUp(workspaceId);
    expect(await rows.concludeHibernation(last)).toEqual({ hibernated: true });
    expect(await workspace(workspaceId)).toMatchObject({ status: 'hibernated', url: '', boxId: null });
  });
});

describe('a wake that waited for a hibernation', () => {
  const waiting = async (run: RunRef) =>
    (await db.$transaction((tx) => requestWake(tx, { workspaceId: run.workspaceId, actor: 'test' }))).operationId;

  test('gets its turn when the workspace fell asleep', async () => {
    const { run, boxId } = await hibernating();
    const wakeId = await waiting(run);
    await boxIs(boxId, 'gone');
    await rows.concludeHibernation(run);
    const finished = await rows.finishOperation({ ...run, kind: 'hibernate', ending: { state: 'succeeded' } });
    expect(finished.next).toMatchObject({ operationId: wakeId, kind: 'wake' });
    expect((await workspace(run.workspaceId)).status).toBe('provisioning');
  });

  test('has what it asked for when the workspace did not', async () => {
    const { run, boxId } = await hibernating();
    const wakeId = await waiting(run);
    await boxIs(boxId, 'owed');
    await rows.concludeHibernation(run);
    const finished = await rows.finishOperation({ ...run, kind: 'hibernate', ending: { state: 'failed' } });
    expect(finished.next).toBeUndefined();
    expect((await operation(wakeId)).state).toBe('succeeded');
    expect(await workspace(run.workspaceId)).toMatchObject({ status: 'degraded', boxId, operationId: null });
  });
});
