import { WorkflowFailedError } from '@temporalio/client';
import { BackendError } from '@holdfast/activities/box/backend-error';
import type { TreeIntake } from '@holdfast/activities/workspace/tree-intake';
import { waitFor } from '@holdfast/infra/testing/index';
import { treeWorkflowId } from '@holdfast/workflows/operation/tree-input';
import { describe, expect, test } from 'vitest';
import { whenTreeDeleted } from './support/given.ts';
import { onlineTree, outcomesOf, whenCollapsed, whenPaused, whenResumed, wide } from './support/given-tree.ts';
import { gate, untilAborted, useWorld } from './support/use-world.ts';
import { eventsOf, ledgerIsReality } from './support/world.ts';

const { world, script } = useWorld({ settleMs: 6_000 });
const db = () => world().rig.db;
const tree = (rootId: string) => world().rig.client.workflow.getHandle(treeWorkflowId(rootId));
const statusesOf = async (ids: Iterable<string>) =>
  (await db().workspace.findMany({ where: { id: { in: [...ids] } } })).map(({ status }) => status);
const boxesOf = (ids: Iterable<string>) => {
  const among = new Set(ids);
  return world()
    .folder.boxes()
    .filter(({ workspaceId }) => among.has(workspaceId));
};
const every = (status: string, count: number) => Array.from({ length: count }, () => status);
const pokeTree = (rootId: string) => world().rig.poker.pokeTree(rootId);
/** What operators read of an execution in the Web UI. */
const detailsOf = async (rootId: string) =>
  (await tree(rootId).query<{ currentDetails: string }>('__temporal_workflow_metadata')).currentDetails;
const deep = { root: { left: { leaf: { tip: {} } }, right: {} } };

describe('a tree of executions', () => {
  test('pauses, resumes, collapses and deletes every workspace of it, one execution telling of all', async () => {
    const ids = await onlineTree(world(), deep);
    const root = ids.get('root')!;
    const left = ids.get('left')!;

    const paused = await whenPaused(db(), root);
    await pokeTree(root);
    expect(await outcomesOf(db(), paused)).toEqual(every('succeeded', 5));
    expect(await tree(root).result()).toEqual({ members: { succeeded: 5 } });
    expect(await statusesOf(ids.values())).toEqual(every('paused', 5));
    expect(boxesOf(ids.values())).toEqual([]);
    const { type, searchAttributes } = await tree(root).describe();
    expect(type).toBe('pauseTree');
    expect(searchAttributes).toMatchObject({
      Op: ['pauseTree'],
      OrgId: ['default'],
      WorkspaceId: [root],
      Outcome: ['succeeded'],
    });
    expect(await detailsOf(root)).toContain('5 succeeded');

    const resumed = await whenResumed(db(), root);
    await pokeTree(root);
    expect(await outcomesOf(db(), resumed)).toEqual(every('succeeded', 5));
    expect(await tree(root).result()).toEqual({ members: { succeeded: 5 } });
    expect(await statusesOf(ids.values())).toEqual(every('online', 5));

    const collapsed = await whenCollapsed(db(), left);
    await pokeTree(left);
    expect(await outcomesOf(db(), collapsed)).toEqual(every('succeeded', 2));
    expect(await tree(left).result()).toEqual({ members: { succeeded: 2 } });
    expect((await tree(left).describe()).type).toBe('collapseTree');

    const deleted = await whenTreeDeleted(db(), root);
    await pokeTree(root);
    expect(await outcomesOf(db(), deleted)).toEqual(every('succeeded', 3));
    expect(await tree(root).result()).toEqual({ members: { succeeded: 3 } });
    expect(boxesOf(ids.values())).toEqual([]);
    expect(await eventsOf(world().rig, root)).toEqual([
      'WORKSPACE_PROVISIONING',
      'WORKSPACE_ONLINE',
      'WORKSPACE_PAUSED',
      'WORKSPACE_PROVISIONING',
      'WORKSPACE_ONLINE',
      'WORKSPACE_REMOVED',
    ]);
  });

  test('of fifty workspaces that are online is deleted in one go, every box gone', { timeout: 300_000 }, async () => {
    const ids = await onlineTree(world(), wide(50));
    const root = ids.get('root')!;
    expect(boxesOf(ids.values())).toHaveLength(50);
    const asked = performance.now();
    const deleted = await whenTreeDeleted(db(), root);
    const accepted = performance.now();
    await pokeTree(root);
    expect(await outcomesOf(db(), deleted)).toEqual(every('succeeded', 50));
    const stopped = performance.now();
    expect(boxesOf(ids.values())).toEqual([]);
    expect(await tree(root).result()).toEqual({ members: { succeeded: 50 } });
    const told = performance.now();
    const ms = (from: number, to: number): number => Math.round(to - from);
    console.log(
      `a tree of 50: accepted in ${ms(asked, accepted)} ms, stopped ${ms(accepted, stopped)} ms later, its execution ended after another ${ms(stopped, told)} ms`,
    );
    await ledgerIsReality(world(), [...ids.values()]);
  });

  test('with a member that failed is a failed execution, which names it', async () => {
    const ids = await onlineTree(world(), deep);
    const root = ids.get('root')!;
    script.beforeStop = ({ workspaceId }) => {
      if (workspaceId === ids.get('leaf')) throw new BackendError('failed', 'planned: it does not stop');
    };
    const deleted = await whenTreeDeleted(db(), root);
    await pokeTree(root);
    expect((await outcomesOf(db(), deleted)).sort()).toEqual([...every('failed', 1), ...every('succeeded', 4)]);
    const failure: unknown = await tree(root)
      .result()
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(WorkflowFailedError);
    expect((failure as WorkflowFailedError).cause).toMatchObject({
      type: 'DELETE_INCOMPLETE',
      message: '1 failed: leaf',
    });
    expect((await tree(root).describe()).searchAttributes).toMatchObject({ Outcome: ['failed'] });
    expect(await detailsOf(root)).toContain('failed: **leaf**');
    // Repeated, it tries the one that is left.
    delete script.beforeStop;
    const again = await whenTreeDeleted(db(), root);
    expect(again.members).toMatchObject([{ name: 'leaf' }]);
    await world().rig.poker.poke(ids.get('leaf')!);
    expect(await outcomesOf(db(), again)).toEqual(['succeeded']);
    await ledgerIsReality(world(), [...ids.values()]);
  });
});

describe('a tree that is asked for something else meanwhile', () => {
  test('is taken over by its delete while it is being paused', async () => {
    const ids = await onlineTree(world(), deep);
    const root = ids.get('root')!;
    const stopping = gate();
    const letGo = gate();
    script.beforeStop = () => {
      stopping.open();
      return letGo.passed;
    };
    const paused = await whenPaused(db(), root);
    await pokeTree(root);
    await stopping.passed;
    const first = (await tree(root).describe()).runId;
    const deleted = await whenTreeDeleted(db(), root);
    await pokeTree(root);
    letGo.open();
    expect(await outcomesOf(db(), deleted)).toEqual(every('succeeded', 5));
    expect(await outcomesOf(db(), paused)).toEqual(every('superseded', 5));
    expect(await tree(root).result()).toEqual({ members: { succeeded: 5 } });
    // One chain under the id, found under the verb that was asked for last.
    expect((await tree(root).describe()).type).toBe('deleteTree');
    const handle = world().rig.client.workflow.getHandle(treeWorkflowId(root), first);
    expect(await handle.describe()).toMatchObject({ type: 'pauseTree', status: { name: 'CONTINUED_AS_NEW' } });
    expect(boxesOf(ids.values())).toEqual([]);
  });

  test('is taken over by its delete while it comes up again', async () => {
    const ids = await onlineTree(world(), deep);
    const root = ids.get('root')!;
    const paused = await whenPaused(db(), root);
    await pokeTree(root);
    await outcomesOf(db(), paused);
    const starting = gate();
    script.beforeStart = (_, signal) => {
      starting.open();
      return untilAborted(signal);
    };
    const resumed = await whenResumed(db(), root);
    await pokeTree(root);
    await starting.passed;
    const deleted = await whenTreeDeleted(db(), root);
    await pokeTree(root);
    expect(await outcomesOf(db(), deleted)).toEqual(every('succeeded', 5));
    expect(await outcomesOf(db(), resumed)).toEqual(every('superseded', 5));
    expect(await statusesOf(ids.values())).toEqual(every('removed', 5));
    await ledgerIsReality(world(), [...ids.values()]);
  });

  test('serves every request to its end though no dispatcher ticks, also those that come as it ends', async () => {
    const ids = await onlineTree(world(), { root: { child: {} } });
    const root = ids.get('root')!;
    for (let round = 0; round < 8; round += 1) {
      const paused = await whenPaused(db(), root);
      await pokeTree(root);
      // At times at once, at times only when the pause has ended: right into the end of its execution.
      if (round % 2 === 0) await outcomesOf(db(), paused);
      const resumed = await whenResumed(db(), root);
      await pokeTree(root);
      expect(await outcomesOf(db(), resumed)).toEqual(every('succeeded', 2));
    }
  });
});

describe('a tree nobody looks after', () => {
  const withTicks = (done: () => Promise<boolean>) =>
    waitFor(async () => (await world().rig.dispatch(), done()), {
      timeoutMs: 60_000,
      what: 'the dispatcher to finish it',
    });
  const haveEnded =
    ({ members }: TreeIntake) =>
    async () =>
      (await db().operation.count({
        where: { id: { in: members.flatMap(({ operationId }) => operationId ?? []) }, state: 'succeeded' },
      })) === members.length;

  test('incident 23: because its client is gone after the commit is finished by the dispatcher', async () => {
    const ids = await onlineTree(world(), deep);
    const deleted = await whenTreeDeleted(db(), ids.get('root')!);
    await withTicks(haveEnded(deleted));
    expect(boxesOf(ids.values())).toEqual([]);
  });

  test('because its execution was terminated loses nothing', async () => {
    const ids = await onlineTree(world(), deep);
    const root = ids.get('root')!;
    const stopping = gate();
    const letGo = gate();
    script.beforeStop = () => {
      stopping.open();
      return letGo.passed;
    };
    const deleted = await whenTreeDeleted(db(), root);
    await pokeTree(root);
    await stopping.passed;
    await tree(root).terminate('by a test');
    letGo.open();
    await withTicks(haveEnded(deleted));
    expect(boxesOf(ids.values())).toEqual([]);
  });
});

describe('a purge of a tree', () => {
  const volumesOf = (ids: Iterable<string>) => [...ids].filter((id) => world().folder.hasVolume(id));

  test('leaves no row and no volume of any workspace', async () => {
    const ids = await onlineTree(world(), deep);
    const root = ids.get('root')!;
    expect(volumesOf(ids.values())).toHaveLength(5);
    const purged = await whenTreeDeleted(db(), root, true);
    await pokeTree(root);
    expect(await outcomesOf(db(), purged)).toEqual(every('succeeded', 5));
    expect(await tree(root).result()).toEqual({ members: { succeeded: 5 } });
    expect(await db().workspace.count({ where: { id: { in: [...ids.values()] } } })).toBe(0);
    expect(volumesOf(ids.values())).toEqual([]);
    expect(boxesOf(ids.values())).toEqual([]);
  });

  test('keeps every row while a box of one cannot be stopped, and erases all when it is repeated', async () => {
    const ids = await onlineTree(world(), deep);
    const root = ids.get('root')!;
    script.beforeStop = ({ workspaceId }) => {
      if (workspaceId === ids.get('tip')) throw new BackendError('failed', 'planned: it does not stop');
    };
    const first = await whenTreeDeleted(db(), root, true);
    await pokeTree(root);
    expect((await outcomesOf(db(), first)).sort()).toEqual([...every('failed', 1), ...every('succeeded', 4)]);
    expect(await statusesOf(ids.values())).toEqual(every('removed', 5));
    delete script.beforeStop;
    const second = await whenTreeDeleted(db(), root, true);
    expect(second.members).toHaveLength(5);
    await pokeTree(root);
    expect(await outcomesOf(db(), second)).toEqual(every('succeeded', 5));
    expect(await db().workspace.count({ where: { id: { in: [...ids.values()] } } })).toBe(0);
    expect(volumesOf(ids.values())).toEqual([]);
  });
});
