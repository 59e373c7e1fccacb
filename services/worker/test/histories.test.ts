import { afterEach, describe, expect, test } from 'vitest';
import { BackendError } from '@holdfast/activities/box/backend-error';
import { historyText, replayed, waitFor } from '@holdfast/infra/testing/index';
import { workflowId } from '@holdfast/workflows/operation/operation';
import { treeWorkflowId } from '@holdfast/workflows/operation/tree-input';
import { reportBootstrapFailure } from '@holdfast/activities/workspace/bootstrap-failed';
import { impatientRuntime } from './support/compose.ts';
import { ended, givenWorkspace } from './support/given.ts';
import { historyMakers, type Outcome, SECRET } from './support/history-makers.ts';
import { type History, historyOf, store } from './support/histories.ts';
import { untilAborted, useWorld } from './support/use-world.ts';

// HOLDFAST_RECORD_HISTORIES=1 stores what is made here for the replay tests of the workflows.
const isRecording = process.env['HOLDFAST_RECORD_HISTORIES'] === '1';
const theWorld = useWorld({ deadlineMs: 60_000, settleMs: 2_000 });
const { world, script } = theWorld;
const given = historyMakers(theWorld);
const db = () => world().rig.db;

/** Each way a run can go: under the name of its history the operation, and how that has to end. */
const scenarios: Record<string, () => Promise<Record<string, Outcome>>> = {
  async 'a provision that succeeds'() {
    return { 'provision-success': [(await given.provisioned()).operationId, 'succeeded'] };
  },
  async 'a provision whose start fails'() {
    script.beforeStart = () => Promise.reject(new BackendError('refused', 'the engine says no'));
    return { 'provision-start-failed': [(await given.provisioned()).operationId, 'failed'] };
  },
  async 'a provision that prepare refuses'() {
    const { id, operationId } = await givenWorkspace(db(), { secrets: { KEY: SECRET } });
    const unreadable = { encryptedValue: Uint8Array.from([1, 2, 3]) };
    await db().workspaceSecret.updateMany({ where: { workspaceId: id }, data: unreadable });
    await world().rig.poker.poke(id);
    return { 'provision-prepare-refused': [operationId, 'failed'] };
  },
  async 'a provision without a backend'() {
    const backends = await db().backend.findMany();
    await db().backend.deleteMany();
    const { operationId } = await given.provisioned();
    await ended(db(), operationId);
    await db().backend.createMany({ data: backends.map(({ host, kind }) => ({ host, kind })) });
    return { 'provision-no-backend': [operationId, 'failed'] };
  },
  async 'a provision whose agent is too late'() {
    script.mute = () => true;
    return { 'provision-deadline': [(await given.provisioned({ runtime: impatientRuntime })).operationId, 'failed'] };
  },
  async 'a provision that an operator cancels'() {
    script.beforeStart = (_, signal) => untilAborted(signal);
    const { id, operationId } = await given.provisioned();
    const phase = async () => (await db().operation.findUniqueOrThrow({ where: { id: operationId } })).phase;
    await waitFor(async () => (await phase()) === 'start', { timeoutMs: 30_000 });
    await world().rig.client.workflow.getHandle(workflowId(id)).cancel();
    return { 'provision-cancelled': [operationId, 'cancelled'] };
  },
  async 'a provision that serves a restart with another cycle'() {
    script.mute = () => true;
    const { id, operationId } = await given.provisioned();
    const first = await given.boxOf(id);
    await given.asked('restart', id);
    script.mute = ({ boxId }) => boxId === first.boxId;
    await world().rig.poker.poke(id);
    return { 'provision-second-cycle': [operationId, 'succeeded'] };
  },
  async 'a delete that preempts a provision'() {
    script.mute = () => true;
    const { id, operationId } = await given.provisioned();
    await given.boxOf(id);
    return {
      'provision-superseded': [operationId, 'superseded'],
      'delete-preempting': [await given.deleted(id), 'succeeded'],
    };
  },
  async 'a delete that succeeds'() {
    return { 'delete-success': [await given.deleted(await given.onlineOne()), 'succeeded'] };
  },
  async 'a delete whose box is owed'() {
    const id = await given.onlineOne();
    await db().box.updateMany({ where: { workspaceId: id }, data: { host: 'away' } });
    return { 'delete-owed': [await given.deleted(id), 'failed'] };
  },
  async 'a restart that succeeds'() {
    return { 'restart-success': [await given.done('restart', await given.onlineOne()), 'succeeded'] };
  },
  async 'a restart that is cut by another'() {
    const { id, operationId } = await given.restarting();
    const [old] = given.boxesOf(id);
    const second = await given.asked('restart', id);
    script.mute = ({ boxId }) => boxId === old?.boxId;
    await world().rig.poker.poke(id);
    expect(await ended(db(), second)).toBe('coalesced');
    return { 'restart-cut': [operationId, 'succeeded'] };
  },
  async 'a restart that is cut too often, and the one that it is coalesced into'() {
    const { id, operationId } = await given.restarting();
    let last = '';
    for (let cycle = 1; cycle <= 5; cycle += 1) {
      await given.untilWaiting(operationId, cycle);
      last = await given.done('restart', id);
    }
    expect(await ended(db(), operationId)).toBe('coalesced');
    script.mute = () => false;
    return { 'restart-coalesced': [operationId, 'coalesced'], 'restart-handed-over': [last, 'succeeded'] };
  },
  async 'a pause that preempts a restart'() {
    const { id, operationId } = await given.restarting();
    return {
      'pause-preempting': [await given.done('pause', id), 'succeeded'],
      'restart-superseded': [operationId, 'superseded'],
    };
  },
  async 'a restart that is cancelled by request'() {
    const { operationId } = await given.restarting();
    await given.done('cancel', operationId);
    return { 'restart-cancelled': [operationId, 'cancelled'] };
  },
  async 'a restart that is cancelled through Temporal'() {
    const { id, operationId } = await given.restarting();
    await world().rig.client.workflow.getHandle(workflowId(id)).cancel();
    return { 'restart-cancelled-by-hand': [operationId, 'cancelled'] };
  },
  async 'a restart whose box crashes while it boots'() {
    const { id, operationId } = await given.restarting();
    const crash = { workspaceId: id, error: 'it crashed', logTail: '', boxId: null };
    expect(await db().$transaction((tx) => reportBootstrapFailure(tx, crash))).toBe(true);
    await world().rig.poker.poke(id);
    return { 'restart-boot-failed': [operationId, 'failed'] };
  },
  async 'a pause and a resume'() {
    const id = await given.onlineOne();
    const pause = await given.done('pause', id);
    expect(await ended(db(), pause)).toBe('succeeded');
    return { 'pause-success': [pause, 'succeeded'], 'resume-success': [await given.done('resume', id), 'succeeded'] };
  },
  async 'a resume that waits for its pause'() {
    const id = await given.onlineOne();
    const pause = await given.asked('pause', id);
    const resume = await given.asked('resume', id);
    await world().rig.poker.poke(id);
    return { 'pause-handing-over': [pause, 'succeeded'], 'resume-after-pause': [resume, 'succeeded'] };
  },
  async 'a pause whose box is owed'() {
    const id = await given.onlineOne();
    await db().box.updateMany({ where: { workspaceId: id }, data: { host: 'away' } });
    return { 'pause-owed': [await given.done('pause', id), 'succeeded'] };
  },
  async 'a hibernation and a wake'() {
    const id = await given.onlineOne();
    const hibernation = await given.done('hibernate', id);
    expect(await ended(db(), hibernation)).toBe('succeeded');
    return {
      'hibernate-success': [hibernation, 'succeeded'],
      'wake-success': [await given.done('wake', id), 'succeeded'],
    };
  },
  async 'a hibernation whose box does not stop'() {
    const id = await given.onlineOne();
    await db().box.updateMany({ where: { workspaceId: id }, data: { host: 'away' } });
    return { 'hibernate-failed': [await given.done('hibernate', id), 'failed'] };
  },
  async 'a switch that succeeds'() {
    return { 'switch-success': [await given.switched(await given.onCloud()), 'succeeded'] };
  },
  async 'a switch whose new cloud has no room'() {
    const id = await given.onCloud();
    let isFirst = true;
    script.beforeStart = async () => {
      if (isFirst) {
        isFirst = false;
        throw new BackendError('refused', 'the cloud has no room');
      }
    };
    return { 'switch-compensated': [await given.switched(id), 'compensated'] };
  },
  async 'a switch that fails there and back'() {
    const id = await given.onCloud();
    script.beforeStart = () => Promise.reject(new BackendError('refused', 'the clouds have no room'));
    return { 'switch-failed': [await given.switched(id), 'failed'] };
  },
  async 'a switch that prepare refuses'() {
    const id = await given.onCloud();
    const unreadable = { encryptedValue: Uint8Array.from([1, 2, 3]) };
    await db().workspaceSecret.updateMany({ where: { workspaceId: id }, data: unreadable });
    return { 'switch-prepare-refused': [await given.switched(id), 'failed'] };
  },
  async 'a tree that is paused'() {
    return { 'tree-pause': await given.ofFamily('pause', await given.family()) };
  },
  async 'a tree that is resumed'() {
    return { 'tree-resume': await given.ofFamily('resume', await given.family('pause')) };
  },
  async 'a tree that is deleted'() {
    return { 'tree-delete': await given.ofFamily('delete', await given.family()) };
  },
  async 'a tree that collapses'() {
    const root = await given.family();
    await givenWorkspace(db(), { parentId: root });
    return { 'tree-collapse': await given.ofFamily('collapse', root) };
  },
  async 'a purge'() {
    return { 'delete-purge': [await given.deleted(await given.onlineOne(), true), 'succeeded'] };
  },
};

describe('every run', () => {
  // Whatever is new would be placed on clouds rather than here.
  afterEach(() => db().backend.deleteMany({ where: { kind: 'control-plane' } }));

  const seen = new Map<string, History>();

  test.for(Object.keys(scenarios))('ends as it has to and holds no secret: %s', { timeout: 300_000 }, async (name) => {
    const operations = await scenarios[name]!();
    for (const [file, [operationId, state, root]] of Object.entries(operations)) {
      expect(await ended(db(), operationId)).toBe(state);
      const history = await (root ? historyOfTree(root) : closedHistory(operationId));
      seen.set(file, history);
      const text = historyText(history);
      expect(text).toContain(root ?? operationId);
      for (const secret of [SECRET, ...given.known]) expect(text).not.toContain(secret);
      if (isRecording) store(file, history);
    }
  });

  test('replays', async () => {
    expect(seen.size).toBeGreaterThan(Object.keys(scenarios).length);
    const all = Object.fromEntries([...seen.keys()].map((file) => [file, 'replayed']));
    expect(await replayed(Object.fromEntries(seen))).toEqual(all);
  });

  test('had secrets to lose', () => {
    expect(new Set(given.known).size).toBeGreaterThan(10);
    expect(historyText({ payloads: [{ data: Buffer.from(SECRET).toString('base64') }] })).toContain(SECRET);
  });
});

async function historyOfTree(root: string): Promise<History> {
  const handle = world().rig.client.workflow.getHandle(treeWorkflowId(root));
  await handle.result().catch(() => undefined);
  return historyOf(world().rig.client, treeWorkflowId(root), (await handle.describe()).runId);
}

/** The run's history once it has closed: the operation ends a moment before it does. */
async function closedHistory(operationId: string): Promise<History> {
  const { workspaceId, runId } = await db().operation.findUniqueOrThrow({ where: { id: operationId } });
  const handle = world().rig.client.workflow.getHandle(workflowId(workspaceId), runId!);
  await waitFor(async () => (await handle.describe()).status.name !== 'RUNNING', {
    timeoutMs: 40_000,
    what: 'the end of the run',
  });
  return historyOf(world().rig.client, workflowId(workspaceId), runId!);
}
