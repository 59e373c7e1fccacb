import { describe, expect, test } from 'vitest';
import { BackendError } from '@holdfast/activities/box/backend-error';
import { waitFor } from '@holdfast/infra/testing/index';
import { workflowId } from '@holdfast/workflows/operation/operation';
import { ended, givenWorkspace, whenDeleted } from './support/given.ts';
import { gate, useWorld } from './support/use-world.ts';
import { eventsOf, ledgerIsReality } from './support/world.ts';

const { world, script } = useWorld();
const db = () => world().rig.db;
const workspace = (id: string) => db().workspace.findUniqueOrThrow({ where: { id } });
const poke = (id: string) => world().rig.poker.poke(id);
const run = (id: string) => world().rig.client.workflow.getHandle(workflowId(id));
const boxesOf = (id: string) =>
  world()
    .folder.boxes()
    .filter(({ workspaceId }) => workspaceId === id);

describe('a poke in the middle of a task makes all of it run again and', () => {
  /** Pokes right after the commit of each of a run's steps, once. */
  function pokeAfterEveryStep(): string[] {
    const poked = new Set<string>();
    const calls: string[] = [];
    script.afterRow = async (name, { operationId, workspaceId }) => {
      calls.push(name);
      if (poked.has(operationId + name)) return;
      poked.add(operationId + name);
      await run(workspaceId).signal('poke');
    };
    return calls;
  }

  test.each([false, true])(
    'changes nothing that is written, of a provision and its delete (purge: %s)',
    async (purge) => {
      const calls = pokeAfterEveryStep();
      const { id, operationId } = await givenWorkspace(db());
      await poke(id);
      expect(await ended(db(), operationId)).toBe('succeeded');
      expect(await run(id).result()).toEqual({ state: 'succeeded' });
      const deletion = await whenDeleted(db(), id, purge);
      await poke(id);
      expect(await ended(db(), deletion)).toBe('succeeded');
      expect(await run(id).result()).toEqual({ state: 'succeeded' });
      expect(calls.filter((name) => name === 'finishOperation').length).toBeGreaterThan(2);
      expect(await eventsOf(world().rig, id)).toEqual([
        'WORKSPACE_PROVISIONING',
        'WORKSPACE_ONLINE',
        'WORKSPACE_REMOVED',
      ]);
      expect(await db().workspace.count({ where: { id } })).toBe(purge ? 0 : 1);
      expect(boxesOf(id)).toEqual([]);
    },
  );

  test('leaves no purge open that had nothing to stop', async () => {
    pokeAfterEveryStep();
    const { id } = await givenWorkspace(db());
    const deletion = await whenDeleted(db(), id, true);
    await poke(id);
    expect(await ended(db(), deletion)).toBe('succeeded');
    expect(await run(id).result()).toEqual({ state: 'succeeded' });
  });

  test('ends a bring-up that failed once, with one failure event', async () => {
    pokeAfterEveryStep();
    script.beforeStart = () => {
      throw new BackendError('refused', 'the engine says no');
    };
    const { id, operationId } = await givenWorkspace(db());
    await poke(id);
    expect(await ended(db(), operationId)).toBe('failed');
    await expect(run(id).result()).rejects.toMatchObject({ cause: { type: 'START_FAILED' } });
    expect(await eventsOf(world().rig, id)).toEqual(['WORKSPACE_PROVISIONING', 'WORKSPACE_PROVISION_FAILED']);
  });
});

describe('an agent that is early', () => {
  test('loses its word with its box when the start fails after all', async () => {
    script.afterStart = async ({ workspaceId }) => {
      await waitFor(async () => (await workspace(workspaceId)).status === 'online', { what: 'the early agent' });
      throw new BackendError('refused', 'the engine says no');
    };
    const { id, operationId } = await givenWorkspace(db());
    await poke(id);
    expect(await ended(db(), operationId)).toBe('failed');
    expect(await workspace(id)).toMatchObject({
      status: 'failed',
      boxId: null,
      lastSampleError: 'workspace start failed',
    });
    expect(await eventsOf(world().rig, id)).toEqual([
      'WORKSPACE_PROVISIONING',
      'WORKSPACE_ONLINE',
      'WORKSPACE_PROVISIONING',
      'WORKSPACE_PROVISION_FAILED',
    ]);
    await ledgerIsReality(world(), [id]);
    expect(boxesOf(id)).toEqual([]);
  });
});

describe('an operator who cancels', () => {
  test('while a box is being minted waits for the mint, and then undoes it', async () => {
    const minting = gate();
    const minted = gate();
    let undoing = false;
    script.beforeRow = async (name, { workspaceId }) => {
      if (name === 'finishOperation') await minted.passed;
      if (name !== 'mintBox') return;
      minting.open();
      // The task goes on in heartbeats, and they bring the cancellation. A run that did not wait would undo now.
      const heard = async () => undoing || tasksSinceCancel(await run(workspaceId).fetchHistory()) > 1;
      await waitFor(heard, { timeoutMs: 20_000, what: 'the cancellation' });
    };
    script.afterRow = (name) => {
      undoing ||= name === 'beginSettle';
      if (name === 'mintBox') minted.open();
    };
    const { id, operationId } = await givenWorkspace(db());
    await poke(id);
    await minting.passed;
    await run(id).cancel();
    expect(await ended(db(), operationId)).toBe('cancelled');
    expect(await workspace(id)).toMatchObject({ status: 'failed', boxId: null });
    expect(await db().box.findMany({ where: { workspaceId: id } })).toMatchObject([{ state: 'gone' }]);
    expect(boxesOf(id)).toEqual([]);
  });

  /** How many workflow tasks have started after the request to cancel. */
  function tasksSinceCancel({ events }: Awaited<ReturnType<ReturnType<typeof run>['fetchHistory']>>): number {
    const list = events ?? [];
    const cancelled = list.findIndex((event) => event.workflowExecutionCancelRequestedEventAttributes);
    return cancelled < 0 ? 0 : list.slice(cancelled).filter((event) => event.workflowTaskStartedEventAttributes).length;
  }
});
