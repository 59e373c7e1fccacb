import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { waitFor } from '@holdfast/infra/testing/index';
import { workflowId } from '@holdfast/workflows/operation/operation';
import { ended, givenWorkspace, whenDeleted } from './support/given.ts';
import { gate, useWorld } from './support/use-world.ts';
import { ledgerIsReality } from './support/world.ts';

// The stops are held for longer than a stop may usually take, on a busy machine.
const { world, script } = useWorld({ hosts: 2, settleMs: 60_000 });
const db = () => world().rig.db;

/** A box that an earlier operation could not stop. */
async function owedBox(workspaceId: string, host: string): Promise<string> {
  const boxId = randomUUID();
  const past = { operationId: randomUUID(), cycle: 1, owner: 'test-owner', backend: 'process', state: 'owed' as const };
  await db().box.create({ data: { id: boxId, workspaceId, host, ...past } });
  world().folder.put({ boxId, workspaceId, born: 0, token: '' });
  return boxId;
}

test('a bring-up that is cut while two hosts stop its boxes ends when both have ended', async () => {
  const { id } = await givenWorkspace(db());
  const [near, far] = world().rig.hosts as [string, string];
  const boxes = { near: await owedBox(id, near), far: await owedBox(id, far) };
  const gates = { near: gate(), far: gate() };
  const stops: string[] = [];
  script.beforeStop = async ({ boxId }) => {
    const which = boxId === boxes.near ? 'near' : 'far';
    stops.push(which);
    await gates[which].passed;
  };
  await world().rig.poker.poke(id);
  await waitFor(() => stops.length === 2, { timeoutMs: 20_000, what: 'both stops' });
  const deletion = await whenDeleted(db(), id);
  await world().rig.poker.poke(id);

  // What one step learned from the poke has cut both.
  await waitFor(async () => (await positions(id)).cuts.length === 2, { timeoutMs: 20_000, what: 'both cancellations' });
  gates.near.open();
  const heard = async () => {
    const { cuts, ends, tasks } = await positions(id);
    const end = ends.find((position) => position > cuts[1]!);
    return end !== undefined && tasks.some((position) => position > end);
  };
  await waitFor(heard, { timeoutMs: 20_000, what: 'the run to have heard of the first end' });
  expect((await positions(id)).handOvers).toEqual([]);
  gates.far.open();
  expect(await ended(db(), deletion)).toBe('succeeded');
  await ledgerIsReality(world(), [id]);
});

/** Where in the history of the provision which of its events are. */
async function positions(workspaceId: string) {
  const { runId } = await db().operation.findFirstOrThrow({ where: { workspaceId, kind: 'provision' } });
  const { events } = await world().rig.client.workflow.getHandle(workflowId(workspaceId), runId!).fetchHistory();
  type Event = NonNullable<typeof events>[number];
  const of = (attributes: keyof Event): number[] =>
    (events ?? []).flatMap((event, position) => (event[attributes] ? [position] : []));
  return {
    cuts: of('activityTaskCancelRequestedEventAttributes'),
    ends: of('activityTaskCompletedEventAttributes'),
    tasks: of('workflowTaskCompletedEventAttributes'),
    handOvers: of('workflowExecutionContinuedAsNewEventAttributes'),
  };
}
