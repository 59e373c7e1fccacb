import { describe, expect, test } from 'vitest';
import { BackendError } from '@holdfast/activities/box/backend-error';
import { requestCancel } from '@holdfast/activities/operation/cancel';
import { waitFor } from '@holdfast/infra/testing/index';
import { workflowId } from '@holdfast/workflows/operation/operation';
import { ended, givenWorkspace } from './support/given.ts';
import { pokeAfter, takeIn, type Verb } from './support/property/verbs.ts';
import { cipher } from './support/rig.ts';
import { gate, useWorld } from './support/use-world.ts';
import { ledgerIsReality } from './support/world.ts';

// A stop that is held must end by what the test does, on a busy machine as well, and not by its own limit.
const { world, script } = useWorld({ settleMs: 60_000 });
const db = () => world().rig.db;
const row = (id: string) => db().workspace.findUniqueOrThrow({ where: { id } });
const boxesOf = (id: string): string[] =>
  world()
    .folder.boxes()
    .filter(({ workspaceId }) => workspaceId === id)
    .map(({ boxId }) => boxId);

/** Takes a request in and pokes; answers with its operation. */
async function asked(verb: Verb, id: string): Promise<string> {
  const accepted = await db().$transaction((tx) => takeIn(tx, { verb, id }, cipher));
  await pokeAfter(world().rig.poker, accepted);
  return accepted.operations[0]!;
}
async function online(): Promise<string> {
  const { id, operationId } = await givenWorkspace(db());
  await world().rig.poker.poke(id);
  expect(await ended(db(), operationId)).toBe('succeeded');
  return id;
}

/** What the history of an operation's run says of a cancellation: whether it was heard, and how many steps it cut. */
async function heard(workspaceId: string, operationId: string): Promise<{ byRun: boolean; bySteps: number }> {
  const { runId } = await db().operation.findUniqueOrThrow({ where: { id: operationId } });
  const { events } = await world().rig.client.workflow.getHandle(workflowId(workspaceId), runId!).fetchHistory();
  const all = events ?? [];
  const asked = all.findIndex((event) => event.workflowExecutionCancelRequestedEventAttributes);
  const after = asked < 0 ? [] : all.slice(asked);
  return {
    byRun: after.some((event) => event.workflowTaskCompletedEventAttributes),
    bySteps: after.filter((event) => event.activityTaskCancelRequestedEventAttributes).length,
  };
}

describe('what is cancelled in Temporal while it stops a box', () => {
  test.each([
    ['pause', 'paused'],
    ['delete', 'removed'],
  ] as const)('goes on to its end when it is a %s', async (verb, status) => {
    const id = await online();
    const [stopping, letGo] = [gate(), gate()];
    script.beforeStop = () => {
      stopping.open();
      return letGo.passed;
    };
    const operationId = await asked(verb, id);
    await stopping.passed;
    await world().rig.client.workflow.getHandle(workflowId(id)).cancel();
    const hears = async () => (await heard(id, operationId)).byRun;
    await waitFor(hears, { timeoutMs: 30_000, what: 'the run to have heard of it' });
    expect((await heard(id, operationId)).bySteps).toBe(0);
    letGo.open();
    expect(await ended(db(), operationId)).toBe('succeeded');
    expect(await row(id)).toMatchObject({ status, boxId: null, operationId: null });
    await ledgerIsReality(world(), [id]);
    expect(boxesOf(id)).toEqual([]);
  });
});

test.each(['online', 'degraded'] as const)(
  'a hibernation that is cancelled before its box is stopped leaves the workspace %s, with that box',
  async (status) => {
    const id = await online();
    const [boxId] = boxesOf(id);
    await db().workspace.update({ where: { id }, data: { status } });
    const stopping = gate();
    // Whether it is tried again is decided by who looks whether it is cancelled.
    script.beforeStop = () => {
      stopping.open();
      throw new BackendError('failed', 'the engine is stuck');
    };
    const operationId = await asked('hibernate', id);
    await stopping.passed;
    expect((await row(id)).status).toBe('hibernating');
    await db().$transaction((tx) => requestCancel(tx, { operationId, actor: 'test' }));
    await world().rig.poker.poke(id);
    expect(await ended(db(), operationId)).toBe('cancelled');
    expect(await row(id)).toMatchObject({ status, boxId, operationId: null });
    expect(boxesOf(id)).toEqual([boxId]);
    await ledgerIsReality(world(), [id]);
  },
);
