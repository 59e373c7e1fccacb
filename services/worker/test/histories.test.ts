import { Worker } from '@temporalio/worker';
import { describe, expect, test } from 'vitest';
import { BackendError } from '@holdfast/activities/box/backend-error';
import type { BoxCredentials } from '@holdfast/activities/operation/mint';
import { waitFor, workflowBundle } from '@holdfast/infra/testing/index';
import { type OperationState, workflowId } from '@holdfast/workflows/operation/operation';
import { takeIn } from '@holdfast/activities/operation/intake';
import { lockWorkspace } from '@holdfast/activities/workspace/workspace-row';
import { impatientRuntime } from './support/compose.ts';
import { ended, givenWorkspace, whenDeleted } from './support/given.ts';
import { type History, historyOf, store, textOf } from './support/histories.ts';
import { cipher } from './support/rig.ts';
import { untilAborted, useWorld } from './support/use-world.ts';

// HOLDFAST_RECORD_HISTORIES=1 stores what is made here for the replay tests of the workflows.
const isRecording = process.env['HOLDFAST_RECORD_HISTORIES'] === '1';
const { world, script } = useWorld({ deadlineMs: 60_000 });
const db = () => world().rig.db;
const SECRET = 'canary-of-the-histories';

/** A secret that is only known once its box is minted, and gone once its agent has registered. */
const known: string[] = [];
const noteCredentials = async (workspaceId: string): Promise<void> => {
  for (const { sealedCredentials } of await db().box.findMany({ where: { workspaceId } })) {
    if (sealedCredentials) known.push(...Object.values(JSON.parse(cipher.open(sealedCredentials)) as BoxCredentials));
  }
};

async function provisioned(fields: { runtime?: string } = {}) {
  script.afterRow = (name, { workspaceId }) => (name === 'mintBox' ? noteCredentials(workspaceId) : undefined);
  const created = await givenWorkspace(db(), { secrets: { KEY: SECRET }, ...fields });
  await world().rig.poker.poke(created.id);
  return created;
}
const onlineOne = async (): Promise<string> => {
  const { id, operationId } = await provisioned();
  expect(await ended(db(), operationId)).toBe('succeeded');
  return id;
};
const boxOf = (id: string) =>
  waitFor(
    () =>
      world()
        .folder.boxes()
        .find(({ workspaceId }) => workspaceId === id),
    { timeoutMs: 30_000 },
  );

async function deleted(id: string, purge = false): Promise<string> {
  const deletion = await whenDeleted(db(), id, purge);
  await world().rig.poker.poke(id);
  return deletion;
}

type Outcome = readonly [operationId: string, state: OperationState];

/** Each way a run can go: under the name of its history the operation, and how that has to end. */
const scenarios: Record<string, () => Promise<Record<string, Outcome>>> = {
  async 'a provision that succeeds'() {
    return { 'provision-success': [(await provisioned()).operationId, 'succeeded'] };
  },
  async 'a provision whose start fails'() {
    script.beforeStart = () => Promise.reject(new BackendError('refused', 'the engine says no'));
    return { 'provision-start-failed': [(await provisioned()).operationId, 'failed'] };
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
    const { operationId } = await provisioned();
    await ended(db(), operationId);
    await db().backend.createMany({ data: backends.map(({ host, kind }) => ({ host, kind })) });
    return { 'provision-no-backend': [operationId, 'failed'] };
  },
  async 'a provision whose agent is too late'() {
    script.mute = () => true;
    return { 'provision-deadline': [(await provisioned({ runtime: impatientRuntime })).operationId, 'failed'] };
  },
  async 'a provision that an operator cancels'() {
    script.beforeStart = (_, signal) => untilAborted(signal);
    const { id, operationId } = await provisioned();
    const phase = async () => (await db().operation.findUniqueOrThrow({ where: { id: operationId } })).phase;
    await waitFor(async () => (await phase()) === 'start', { timeoutMs: 30_000 });
    await world().rig.client.workflow.getHandle(workflowId(id)).cancel();
    return { 'provision-cancelled': [operationId, 'cancelled'] };
  },
  async 'a provision that serves a restart with another cycle'() {
    script.mute = () => true;
    const { id, operationId } = await provisioned();
    const first = await boxOf(id);
    await db().$transaction(async (tx) =>
      takeIn(tx, (await lockWorkspace(tx, id))!, { kind: 'restart', actor: 'test' }),
    );
    script.mute = ({ boxId }) => boxId === first.boxId;
    await world().rig.poker.poke(id);
    return { 'provision-second-cycle': [operationId, 'succeeded'] };
  },
  async 'a delete that preempts a provision'() {
    script.mute = () => true;
    const { id, operationId } = await provisioned();
    await boxOf(id);
    return {
      'provision-superseded': [operationId, 'superseded'],
      'delete-preempting': [await deleted(id), 'succeeded'],
    };
  },
  async 'a delete that succeeds'() {
    return { 'delete-success': [await deleted(await onlineOne()), 'succeeded'] };
  },
  async 'a delete whose box is owed'() {
    const id = await onlineOne();
    await db().box.updateMany({ where: { workspaceId: id }, data: { host: 'away' } });
    return { 'delete-owed': [await deleted(id), 'failed'] };
  },
  async 'a purge'() {
    return { 'delete-purge': [await deleted(await onlineOne(), true), 'succeeded'] };
  },
};

describe('every run', () => {
  test.for(Object.keys(scenarios))('replays and holds no secret: %s', { timeout: 60_000 }, async (name) => {
    const operations = await scenarios[name]!();
    const bundle = { codePath: await workflowBundle() };
    for (const [file, [operationId, state]] of Object.entries(operations)) {
      expect(await ended(db(), operationId)).toBe(state);
      const history = await closedHistory(operationId);
      await Worker.runReplayHistory({ workflowBundle: bundle }, history);
      const text = textOf(history);
      expect(text).toContain(operationId);
      for (const secret of [SECRET, ...known]) expect(text).not.toContain(secret);
      if (isRecording) store(file, history);
    }
  });

  test('had secrets to lose', () => {
    expect(new Set(known).size).toBeGreaterThan(10);
    expect(textOf({ payloads: [{ data: Buffer.from(SECRET).toString('base64') }] })).toContain(SECRET);
  });
});

/** The run's history once it has closed: the operation ends a moment before it does. */
async function closedHistory(operationId: string): Promise<History> {
  const { workspaceId, runId } = await db().operation.findUniqueOrThrow({ where: { id: operationId } });
  const handle = world().rig.client.workflow.getHandle(workflowId(workspaceId), runId!);
  await waitFor(async () => (await handle.describe()).status.name !== 'RUNNING', {
    timeoutMs: 40_000,
    what: 'the end of the run',
  });
  return historyOf(world().rig.client, workspaceId, runId!);
}
