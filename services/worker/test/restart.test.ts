import { describe, expect, test } from 'vitest';
import { historyText, waitFor } from '@holdfast/infra/testing/index';
import { BackendError } from '@holdfast/activities/box/backend-error';
import { requestCancel } from '@holdfast/activities/operation/cancel';
import { requestHibernate } from '@holdfast/activities/workspace/request-hibernate';
import { requestRestart } from '@holdfast/activities/workspace/request-restart';
import { requestWake } from '@holdfast/activities/workspace/request-wake';
import { workflowId } from '@holdfast/workflows/operation/operation';
import { ended, givenWorkspace } from './support/given.ts';
import { historyOf } from './support/histories.ts';
import { gate, useWorld } from './support/use-world.ts';
import { eventsOf, ledgerIsReality } from './support/world.ts';

const { world: it, script } = useWorld({ settleMs: 3_000, startMs: 60_000 });
const rows = () => it().rig.db;

/** A workspace whose agent is online. */
async function online(): Promise<string> {
  const { db, poker } = it().rig;
  const { id, operationId } = await givenWorkspace(db);
  await poker.poke(id);
  expect(await ended(db, operationId)).toBe('succeeded');
  return id;
}
async function restart(workspaceId: string): Promise<string> {
  const intake = await it().rig.db.$transaction((tx) => requestRestart(tx, { workspaceId, actor: 'test' }));
  if (intake.noop) throw new Error('the platform runs its box');
  await it().rig.poker.poke(workspaceId);
  return intake.operationId;
}
async function asked(workspaceId: string, kind: 'hibernate' | 'wake'): Promise<string> {
  const request = { workspaceId, actor: 'test', force: false };
  const { operationId } = await it().rig.db.$transaction((tx) =>
    kind === 'wake' ? requestWake(tx, request) : requestHibernate(tx, request),
  );
  await it().rig.poker.poke(workspaceId);
  return operationId;
}
async function cancel(operationId: string): Promise<void> {
  const { workspaceId } = await it().rig.db.$transaction((tx) => requestCancel(tx, { operationId, actor: 'test' }));
  await it().rig.poker.poke(workspaceId);
}
const row = (id: string) => it().rig.db.workspace.findUniqueOrThrow({ where: { id } });
const boxesOf = (id: string) =>
  it()
    .folder.boxes()
    .filter(({ workspaceId }) => workspaceId === id);
const executionStatus = async (id: string) =>
  (await it().rig.client.workflow.getHandle(workflowId(id)).describe()).status.name;
const phaseIs = (operationId: string, step: string, state: string) =>
  waitFor(async () => (await it().rig.db.operationStep.count({ where: { operationId, step, state } })) > 0, {
    what: `${step} ${state}`,
  });

/**
 * A workspace whose restart waits for an agent that never speaks.
 * @returns `speak`: the agents of boxes that come later do
 */
async function waiting() {
  const mute = new Set<string>();
  const db = rows();
  script.mute = ({ workspaceId, boxId }) => mute.has(workspaceId) || mute.has(boxId);
  const id = await online();
  mute.add(id);
  const operationId = await restart(id);
  await phaseIs(operationId, 'start', 'done');
  const speak = (): void => {
    for (const { boxId } of boxesOf(id)) mute.add(boxId);
    mute.delete(id);
  };
  return { db, id, operationId, speak };
}

describe('a restart', () => {
  test('incident 40: replaces the box, and its own agent brings the workspace online', async () => {
    const db = rows();
    const id = await online();
    const [old] = boxesOf(id);
    const operationId = await restart(id);
    expect(await ended(db, operationId)).toBe('succeeded');
    const boxes = boxesOf(id);
    expect(boxes).toHaveLength(1);
    expect(boxes[0]?.boxId).not.toBe(old?.boxId);
    expect(await row(id)).toMatchObject({ status: 'online', boxId: boxes[0]?.boxId, operationId: null });
    expect(await eventsOf(it().rig, id)).toEqual([
      'WORKSPACE_PROVISIONING',
      'WORKSPACE_ONLINE',
      'WORKSPACE_PROVISIONING',
      'WORKSPACE_ONLINE',
    ]);
    await ledgerIsReality(it(), [id]);
  });

  test('that cannot be prepared kills no healthy box, and that box brings the workspace back', async () => {
    const db = rows();
    const id = await online();
    const { boxId, url } = await row(id);
    const unreadable = { workspaceId: id, key: 'KEY', encryptedValue: Buffer.from('?'), encryptionVersion: 1 };
    await db.workspaceSecret.create({ data: unreadable });
    const operationId = await restart(id);
    expect(await ended(db, operationId)).toBe('failed');
    expect(await row(id)).toMatchObject({
      status: 'failed',
      lastSampleError: 'failed to decrypt workspace secret',
      operationId: null,
      boxId,
      url,
    });
    expect(boxesOf(id).map((box) => box.boxId)).toEqual([boxId]);
    expect((await db.box.findUniqueOrThrow({ where: { id: boxId! } })).state).toBe('running');
    await ledgerIsReality(it(), [id]);
  });

  test('whose box is refused leaves none, and says so', async () => {
    const refused = new Set<string>();
    const db = rows();
    script.beforeStart = ({ workspaceId }) => {
      if (refused.has(workspaceId)) throw new BackendError('refused', 'the engine says no');
    };
    const id = await online();
    refused.add(id);
    expect(await ended(db, await restart(id))).toBe('failed');
    expect(await row(id)).toMatchObject({ status: 'failed', lastSampleError: 'workspace start failed', boxId: null });
    await ledgerIsReality(it(), [id]);
    expect(boxesOf(id)).toEqual([]);
  });

  test('incident 13: asked for five times during one cycle costs one cycle more or two, and all of them are served', async () => {
    const { db, id, operationId: first, speak } = await waiting();
    speak();
    const more = await Promise.all(Array.from({ length: 5 }, () => restart(id)));
    expect(await ended(db, first)).toBe('succeeded');
    for (const operationId of more) {
      const operation = await db.operation.findUniqueOrThrow({ where: { id: operationId } });
      expect(operation).toMatchObject({ state: 'coalesced', coalescedInto: first });
    }
    // Two: those that came while the first of them was being gathered, and those that came after.
    expect([2, 3]).toContain((await db.operation.findUniqueOrThrow({ where: { id: first } })).cycle);
    expect((await row(id)).status).toBe('online');
    await ledgerIsReality(it(), [id]);
  });
});

describe('restarts', () => {
  test('that do not overlap have a cycle and a box each', async () => {
    const db = rows();
    const id = await online();
    for (let n = 0; n < 3; n += 1) expect(await ended(db, await restart(id))).toBe('succeeded');
    const restarts = await db.operation.findMany({ where: { workspaceId: id, kind: 'restart' } });
    expect(restarts.map(({ state, cycle }) => [state, cycle])).toEqual(
      Array.from({ length: 3 }, () => ['succeeded', 1]),
    );
    expect(await db.box.count({ where: { workspaceId: id } })).toBe(4);
    await ledgerIsReality(it(), [id]);
  });

  test('of two workspaces do not wait for each other', async () => {
    const held = new Set<string>();
    const [starting, letGo] = [gate(), gate()];
    const db = rows();
    script.beforeStart = ({ workspaceId }) => {
      if (!held.has(workspaceId)) return undefined;
      starting.open();
      return letGo.passed;
    };
    const [slow, other] = [await online(), await online()];
    held.add(slow);
    const waits = await restart(slow);
    await starting.passed;
    expect(await ended(db, await restart(other))).toBe('succeeded');
    expect((await db.operation.findUniqueOrThrow({ where: { id: waits } })).state).toBe('running');
    letGo.open();
    expect(await ended(db, waits)).toBe('succeeded');
    await ledgerIsReality(it(), [slow, other]);
  });
});

describe('a hibernation', () => {
  test('stops the box, and a wake brings the workspace back with another', async () => {
    const db = rows();
    const id = await online();
    expect(await ended(db, await asked(id, 'hibernate'))).toBe('succeeded');
    expect(await row(id)).toMatchObject({ status: 'hibernated', url: '', boxId: null });
    expect(boxesOf(id)).toEqual([]);
    expect(await ended(db, await asked(id, 'wake'))).toBe('succeeded');
    expect((await row(id)).status).toBe('online');
    expect(boxesOf(id)).toHaveLength(1);
    expect(await eventsOf(it().rig, id)).toEqual([
      'WORKSPACE_PROVISIONING',
      'WORKSPACE_ONLINE',
      'WORKSPACE_HIBERNATED',
      'WORKSPACE_PROVISIONING',
      'WORKSPACE_ONLINE',
    ]);
  });

  test('whose box does not stop ends as failed, and the workspace goes on as before with the same box', async () => {
    const stuck = new Set<string>();
    const db = rows();
    script.beforeStop = ({ workspaceId }) => {
      if (stuck.has(workspaceId)) throw new BackendError('failed', 'the engine is stuck');
    };
    const id = await online();
    const [box] = boxesOf(id);
    stuck.add(id);
    const operationId = await asked(id, 'hibernate');
    expect(await ended(db, operationId)).toBe('failed');
    expect(await db.operation.findUniqueOrThrow({ where: { id: operationId } })).toMatchObject({
      failureCode: 'HIBERNATE_FAILED',
    });
    expect(await row(id)).toMatchObject({ status: 'online', boxId: box?.boxId, operationId: null });
    expect(boxesOf(id)).toHaveLength(1);
    await ledgerIsReality(it(), [id]);
  });
});

describe('a cancellation', () => {
  test('of a restart that waits for its agent fails the workspace, leaves no box, and shows as cancelled', async () => {
    const { db, id, operationId } = await waiting();
    await cancel(operationId);
    expect(await ended(db, operationId)).toBe('cancelled');
    expect(await row(id)).toMatchObject({ status: 'failed', lastSampleError: 'cancelled', operationId: null });
    await waitFor(async () => (await executionStatus(id)) === 'CANCELLED', { what: 'a cancelled execution' });
    await ledgerIsReality(it(), [id]);
    expect(boxesOf(id)).toEqual([]);
  });

  test('whose poke was lost is heard all the same: the dispatcher tells the run', async () => {
    const { db, operationId } = await waiting();
    await db.$transaction((tx) => requestCancel(tx, { operationId, actor: 'test' }));
    await waitFor(
      async () => {
        await it().rig.dispatch();
        return (await db.operation.findUniqueOrThrow({ where: { id: operationId } })).state === 'cancelled';
      },
      { what: 'the cancellation, by the dispatcher alone' },
    );
  });

  test('never reaches the operation that has taken over meanwhile', async () => {
    const { db, id, operationId: first, speak } = await waiting();
    const second = await restart(id);
    speak();
    await cancel(first);
    await ended(db, first);
    const outcome = await ended(db, second);
    expect(['succeeded', 'coalesced']).toContain(outcome);
    if (outcome === 'succeeded') expect((await row(id)).status).toBe('online');
  });
});

test('a box that is said to have crashed while it booted ends its bring-up at once, with what was said', async () => {
  const { db, id, operationId } = await waiting();
  await db.workspace.update({ where: { id }, data: { status: 'failed', lastSampleError: 'kernel panic' } });
  await it().rig.poker.poke(id);
  expect(await ended(db, operationId)).toBe('failed');
  expect(await db.operation.findUniqueOrThrow({ where: { id: operationId } })).toMatchObject({
    failureCode: 'BOOT_FAILED',
    failureText: 'kernel panic',
  });
  // What a box prints may hold anything: it stays in Postgres.
  const history = await historyOf(it().rig.client, workflowId(id));
  expect(historyText(history)).not.toContain('kernel panic');
  await ledgerIsReality(it(), [id]);
  expect(boxesOf(id)).toEqual([]);
});
