import { afterEach, describe, expect, test } from 'vitest';
import { ApplicationFailure } from '@temporalio/common';
import { requestRestart } from '@holdfast/activities/workspace/request-restart';
import { waitFor } from '@holdfast/infra/testing/index';
import { workflowId } from '@holdfast/workflows/operation/operation';
import { agentRegisters, ended, givenWorkspace, whenDeleted } from './support/given.ts';
import { type Rig, startRig } from './support/rig.ts';
import { type Script, scriptedBoxes, untilCancelled } from './support/scripted-boxes.ts';

let rig: Rig | undefined;
afterEach(async () => {
  await rig?.stop();
  rig = undefined;
});

async function withBoxes(
  script: Script = {},
  options: { deadlineMs?: number; served?: boolean; startMs?: number } = {},
) {
  const boxes = scriptedBoxes(() => current().db, script);
  rig = await startRig({ boxes, ...options });
  return { rig, db: rig.db, boxes };
}
const current = (): Rig => {
  if (!rig) throw new Error('no rig');
  return rig;
};
const statusOf = async (id: string) => (await current().db.workspace.findUniqueOrThrow({ where: { id } })).status;
const liveBoxes = (id: string) => current().db.box.count({ where: { workspaceId: id, state: { not: 'gone' } } });

describe('provision', () => {
  test('ends as succeeded once the agent has registered', async () => {
    const { db, boxes } = await withBoxes();
    const { id, operationId } = await givenWorkspace(db);
    await current().poker.poke(id);
    await waitFor(() => agentRegisters(db, id), { what: 'a box to register from' });
    await current().poker.poke(id);
    expect(await ended(db, operationId)).toBe('succeeded');
    expect(await statusOf(id)).toBe('online');
    expect(boxes.log).toEqual(['prepareBox:begin', 'prepareBox:end', 'startBox:begin', 'startBox:end']);
    expect((await db.workspace.findUniqueOrThrow({ where: { id } })).operationId).toBeNull();
  });

  test('needs no poke after the agent registered: the dispatcher finds it', async () => {
    const { db } = await withBoxes();
    const { id, operationId } = await givenWorkspace(db);
    await waitFor(
      async () => {
        await current().dispatch();
        return agentRegisters(db, id);
      },
      { what: 'a box, by the dispatcher alone' },
    );
    await waitFor(
      async () => {
        await current().dispatch();
        return (await db.operation.findUniqueOrThrow({ where: { id: operationId } })).state === 'succeeded';
      },
      { what: 'the end, by the dispatcher alone' },
    );
  });

  test('marks the workspace failed with the canned text when the box cannot start, and leaves no box', async () => {
    const { db } = await withBoxes({
      startBox: () => Promise.reject(ApplicationFailure.nonRetryable('workspace start failed', 'START_FAILED')),
    });
    const { id, operationId } = await givenWorkspace(db);
    await current().poker.poke(id);
    expect(await ended(db, operationId)).toBe('failed');
    const row = await db.workspace.findUniqueOrThrow({ where: { id } });
    expect(row).toMatchObject({
      status: 'failed',
      lastSampleError: 'workspace start failed',
      operationId: null,
      boxId: null,
    });
    expect(await liveBoxes(id)).toBe(0);
    const failures = await db.structureEvent.findMany({
      where: { workspaceId: id, eventType: 'WORKSPACE_PROVISION_FAILED' },
    });
    expect(failures.map(({ payload }) => payload)).toEqual([{ error: 'workspace start failed' }]);
    // Operators filter by this in the Web UI.
    await waitFor(
      async () => (await current().client.workflow.getHandle(workflowId(id)).describe()).status.name === 'FAILED',
      {
        what: 'the execution to count as failed',
      },
    );
  });

  test('incidents 8 and 11: that breaks down in a step fails its workspace, which the next restart brings up', async () => {
    let isBroken = true;
    const startBox = (): Promise<void> =>
      isBroken ? Promise.reject(new TypeError('x is not a function')) : Promise.resolve();
    const { db } = await withBoxes({ startBox }, { startMs: 5_000 });
    const { id, operationId } = await givenWorkspace(db);
    await current().poker.poke(id);
    expect(await ended(db, operationId)).toBe('failed');
    expect(await db.workspace.findUniqueOrThrow({ where: { id } })).toMatchObject({
      status: 'failed',
      lastSampleError: 'workspace start failed',
      operationId: null,
    });
    isBroken = false;
    const restart = await db.$transaction((tx) => requestRestart(tx, { workspaceId: id, actor: 'test' }));
    if (restart.noop) throw new Error('the platform runs its box');
    await current().poker.poke(id);
    await waitFor(() => agentRegisters(db, id), { what: 'a box to register from' });
    await current().poker.poke(id);
    expect(await ended(db, restart.operationId)).toBe('succeeded');
    expect(await statusOf(id)).toBe('online');
  });

  test('fails with what is missing before any box exists when prepare refuses', async () => {
    const { db } = await withBoxes({
      prepareBox: () =>
        Promise.reject(
          ApplicationFailure.create({
            message: 'missing required env var "X"',
            type: 'REQUIRED_ENV_MISSING',
            nonRetryable: true,
            details: [{ missing: ['X'] }],
          }),
        ),
    });
    const { id, operationId } = await givenWorkspace(db);
    await current().poker.poke(id);
    expect(await ended(db, operationId)).toBe('failed');
    expect(await db.box.count({ where: { workspaceId: id } })).toBe(0);
    const event = await db.structureEvent.findFirstOrThrow({
      where: { workspaceId: id, eventType: 'WORKSPACE_PROVISION_FAILED' },
    });
    expect(event.payload).toEqual({ error: 'missing required env var "X"', missing: ['X'] });
  });

  test('incident 4: says so at once when no backend was ever served', async () => {
    const { db } = await withBoxes({}, { served: false });
    const { id, operationId } = await givenWorkspace(db);
    await current().poker.poke(id);
    expect(await ended(db, operationId)).toBe('failed');
    const says = expect.stringMatching(/^no provisioning backend available/) as string;
    const row = await db.workspace.findUniqueOrThrow({ where: { id } });
    expect(row).toMatchObject({ status: 'failed', lastSampleError: says, operationId: null });
    const event = await db.structureEvent.findFirstOrThrow({
      where: { workspaceId: id, eventType: 'WORKSPACE_PROVISION_FAILED' },
    });
    expect(event.payload).toMatchObject({ error: says });
  });

  test('leaves the box of a late agent alone at the deadline, and a late register brings it online', async () => {
    const { db } = await withBoxes({}, { deadlineMs: 300 });
    const { id, operationId } = await givenWorkspace(db);
    await current().poker.poke(id);
    expect(await ended(db, operationId)).toBe('failed');
    expect(await statusOf(id)).toBe('failed');
    expect(await liveBoxes(id)).toBe(1);
    const event = await db.structureEvent.findFirstOrThrow({
      where: { workspaceId: id, eventType: 'WORKSPACE_PROVISION_FAILED' },
    });
    expect(event.payload).toMatchObject({ source: 'provision_timeout_sweep', runtime: 'reference' });
    expect(await agentRegisters(db, id)).toBe(true);
    expect(await statusOf(id)).toBe('online');
  });

  test('settles what it started when an operator cancels it', async () => {
    const { db, boxes } = await withBoxes({ startBox: untilCancelled });
    const { id, operationId } = await givenWorkspace(db);
    await current().poker.poke(id);
    await waitFor(() => boxes.log.includes('startBox:begin'), { what: 'the start' });
    await current().client.workflow.getHandle(workflowId(id)).cancel();
    expect(await ended(db, operationId)).toBe('cancelled');
    expect(await statusOf(id)).toBe('failed');
    expect(await liveBoxes(id)).toBe(0);
  });
});

describe('delete', () => {
  test('stops the box and leaves no trace', async () => {
    const { db } = await withBoxes();
    const { id } = await givenWorkspace(db);
    await current().poker.poke(id);
    await waitFor(() => agentRegisters(db, id), { what: 'a box' });
    await current().poker.poke(id);
    await waitFor(async () => (await statusOf(id)) === 'online', { what: 'online' });
    const operationId = await whenDeleted(db, id);
    await current().poker.poke(id);
    expect(await ended(db, operationId)).toBe('succeeded');
    expect(await statusOf(id)).toBe('removed');
    expect(await liveBoxes(id)).toBe(0);
  });

  test('cancels a provision that is under way, waits for its end, and settles what it started', async () => {
    const { db, boxes } = await withBoxes({ startBox: untilCancelled });
    const { id, operationId } = await givenWorkspace(db);
    await current().poker.poke(id);
    await waitFor(() => boxes.log.includes('startBox:begin'), { what: 'the start' });
    const deletion = await whenDeleted(db, id);
    await current().poker.poke(id);
    expect(await ended(db, deletion)).toBe('succeeded');
    expect(await ended(db, operationId)).toBe('superseded');
    expect(await liveBoxes(id)).toBe(0);
    const settled = boxes.log.indexOf('settleBoxes:begin');
    expect(boxes.log.indexOf('startBox:failed')).toBeLessThan(settled);
    expect(boxes.log.indexOf('startBox:failed')).toBeGreaterThan(-1);
  });

  test('purges every row of the workspace but its record', async () => {
    const { db } = await withBoxes();
    const { id } = await givenWorkspace(db, { secrets: { KEY: 'value' } });
    const deletion = await whenDeleted(db, id, true);
    await current().poker.poke(id);
    expect(await ended(db, deletion)).toBe('succeeded');
    expect(await db.workspace.count({ where: { id } })).toBe(0);
    expect(await db.workspaceSecret.count({ where: { workspaceId: id } })).toBe(0);
    expect(await db.structureEvent.count({ where: { workspaceId: id } })).toBeGreaterThan(0);
  });
});

describe('reality check', () => {
  test('incident 15: settles the workspace of an execution that was terminated by hand', async () => {
    const { db, boxes } = await withBoxes();
    const { id, operationId } = await givenWorkspace(db);
    await current().poker.poke(id);
    await waitFor(() => boxes.log.includes('startBox:end'), { what: 'the start' });
    await current().client.workflow.getHandle(workflowId(id)).terminate('by hand');
    await db.operation.update({ where: { id: operationId }, data: { beganAt: new Date(Date.now() - 60_000) } });
    expect(await current().checkReality()).toEqual([operationId]);
    expect(await db.operation.findUniqueOrThrow({ where: { id: operationId } })).toMatchObject({
      state: 'failed',
      failureCode: 'EXECUTION_LOST',
    });
    expect(await db.workspace.findUniqueOrThrow({ where: { id } })).toMatchObject({
      status: 'failed',
      operationId: null,
      boxId: null,
    });
    expect(await db.box.findMany({ where: { workspaceId: id } })).toMatchObject([{ state: 'owed' }]);
  });

  test('leaves a run that is open alone', async () => {
    const { db, boxes } = await withBoxes();
    const { id, operationId } = await givenWorkspace(db);
    await current().poker.poke(id);
    await waitFor(() => boxes.log.includes('startBox:end'), { what: 'the start' });
    await db.operation.update({ where: { id: operationId }, data: { beganAt: new Date(Date.now() - 60_000) } });
    expect(await current().checkReality()).toEqual([]);
  });
});
