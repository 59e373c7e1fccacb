import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { takeIn } from '@holdfast/activities/operation/intake';
import { lockWorkspace } from '@holdfast/activities/workspace/workspace-row';
import { waitFor } from '@holdfast/infra/testing/index';
import { workflowId } from '@holdfast/workflows/operation/operation';
import { ended, givenWorkspace, whenDeleted } from './support/given.ts';
import { gate, untilAborted, useWorld } from './support/use-world.ts';
import { eventsOf, ledgerIsReality } from './support/world.ts';

const { world, script } = useWorld();
const db = () => world().rig.db;
const operation = (id: string) => db().operation.findUniqueOrThrow({ where: { id } });
const poke = (id: string) => world().rig.poker.poke(id);
const boxesOf = (id: string) =>
  world()
    .folder.boxes()
    .filter(({ workspaceId }) => workspaceId === id);
const restart = (id: string) =>
  db().$transaction(async (tx) => takeIn(tx, (await lockWorkspace(tx, id))!, { kind: 'restart', actor: 'test' }));

describe('the hand-over', () => {
  test('from a provision to its delete leaves no instant in which another run could start', async () => {
    const begun = gate();
    script.beforeStart = (_, signal) => {
      begun.open();
      return untilAborted(signal);
    };
    const { id, operationId } = await givenWorkspace(db());
    const hammer = new AbortController();
    // A run may end only when no signal came while it decided that: without a breath a slow machine would never get there.
    const hammering = Array.from({ length: 2 }, async () => {
      while (!hammer.signal.aborted) {
        await poke(id);
        await pause(20);
      }
    });
    let deletion: string;
    try {
      await begun.passed;
      deletion = await whenDeleted(db(), id);
      expect(await ended(db(), deletion)).toBe('succeeded');
    } finally {
      hammer.abort();
      await Promise.all(hammering);
    }
    expect(await operation(operationId)).toMatchObject({ state: 'superseded', supersededBy: deletion });
    // Both ran in one chain under the id: the second began as the first one's continuation.
    const first = (await operation(operationId)).runId!;
    const { events } = await world().rig.client.workflow.getHandle(workflowId(id), first).fetchHistory();
    const next = events!.at(-1)!.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
    expect(next).toBe((await operation(deletion)).runId);
    expect(boxesOf(id)).toEqual([]);
    expect(await eventsOf(world().rig, id)).toEqual(['WORKSPACE_PROVISIONING', 'WORKSPACE_REMOVED']);
  });

  test('needs no poke: the dispatcher tells a run that waits', async () => {
    script.mute = () => true;
    const { id } = await givenWorkspace(db());
    const withTicks = (done: () => Promise<boolean> | boolean) =>
      waitFor(async () => (await world().rig.dispatch(), done()), { timeoutMs: 30_000 });
    await withTicks(() => boxesOf(id).length === 1);
    const deletion = await whenDeleted(db(), id);
    await withTicks(async () => (await operation(deletion)).state === 'succeeded');
    expect(boxesOf(id)).toEqual([]);
  });

  test('carries a purge out that met a delete under way', async () => {
    const stopping = gate();
    const letGo = gate();
    const { id, operationId } = await givenWorkspace(db(), { secrets: { KEY: 'value' } });
    await poke(id);
    expect(await ended(db(), operationId)).toBe('succeeded');
    script.beforeStop = () => {
      stopping.open();
      return letGo.passed;
    };
    const plain = await whenDeleted(db(), id);
    await poke(id);
    await stopping.passed;
    const purge = await whenDeleted(db(), id, true);
    expect(purge).not.toBe(plain);
    await poke(id);
    letGo.open();
    expect(await ended(db(), plain)).toBe('succeeded');
    expect(await ended(db(), purge)).toBe('succeeded');
    expect(await db().workspace.count({ where: { id } })).toBe(0);
    expect(await db().workspaceSecret.count({ where: { workspaceId: id } })).toBe(0);
    expect(world().folder.hasVolume(id)).toBe(false);
    const events = await eventsOf(world().rig, id);
    expect(events.filter((type) => type === 'WORKSPACE_REMOVED')).toHaveLength(1);
  });

  test('incident 14: gives what is queued another whole cycle that began after it', async () => {
    script.mute = () => true;
    const { id, operationId } = await givenWorkspace(db());
    await poke(id);
    await waitFor(() => boxesOf(id).length === 1, { timeoutMs: 20_000, what: 'the first box' });
    const [first] = boxesOf(id);
    const requests = await Promise.all(Array.from({ length: 5 }, () => restart(id)));
    script.mute = ({ boxId }) => boxId === first!.boxId;
    await poke(id);
    expect(await ended(db(), operationId)).toBe('succeeded');
    for (const request of requests) {
      const served = await operation(request.operationId);
      expect(served).toMatchObject({ state: 'coalesced', coalescedInto: operationId });
      expect(served.coalescedCycle).toBeGreaterThan(1);
    }
    // One request ended the wait, the others were gathered with it or came into the cycle after.
    expect((await operation(operationId)).cycle).toBeLessThan(4);
    expect(boxesOf(id)).toHaveLength(1);
    expect(boxesOf(id)[0]!.boxId).not.toBe(first!.boxId);
    await ledgerIsReality(world(), [id]);
  });

  test('goes to what is queued after five cut cycles: a history must not grow without bound', async () => {
    script.mute = () => true;
    const { id, operationId } = await givenWorkspace(db());
    await poke(id);
    const requests: string[] = [];
    for (let cycle = 1; cycle <= 5; cycle += 1) {
      const started = { operationId, cycle, step: 'start', state: 'done' };
      await waitFor(async () => (await db().operationStep.count({ where: started })) === 1, { timeoutMs: 20_000 });
      requests.push((await restart(id)).operationId);
      await poke(id);
    }
    expect(await ended(db(), operationId)).toBe('coalesced');
    const last = requests.at(-1)!;
    expect(await operation(operationId)).toMatchObject({ cycle: 5, coalescedInto: last });
    for (const earlier of requests.slice(0, -1)) {
      expect(await operation(earlier)).toMatchObject({ state: 'coalesced', coalescedInto: operationId });
    }
    // It has the workspace, under the workflow type of its own verb, and goes on where the other stopped.
    const handle = world().rig.client.workflow.getHandle(workflowId(id));
    await waitFor(async () => (await handle.describe()).type === 'restartWorkspace', { timeoutMs: 20_000 });
    script.mute = () => false;
    expect(await ended(db(), last)).toBe('succeeded');
    expect(await operation(last)).toMatchObject({ cycle: 1 });
    expect(await db().workspace.findUniqueOrThrow({ where: { id } })).toMatchObject({
      operationId: null,
      status: 'online',
    });
    expect(boxesOf(id)).toHaveLength(1);
    await ledgerIsReality(world(), [id]);
  });
});
