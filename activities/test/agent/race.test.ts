import { randomUUID } from 'node:crypto';
import { BeatQueue } from '@holdfast/activities/agent/beat-queue';
import { registerAgent } from '@holdfast/activities/agent/register';
import { recordEvent } from '@holdfast/activities/event/event-records';
import { stopBoxes } from '@holdfast/activities/operation/settle';
import { changeStatus } from '@holdfast/activities/workspace/status-change';
import { type TestDatabase, testDatabase } from '@holdfast/infra/testing/index';
import type { Tx } from '@holdfast/prisma';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aBeat, cipher, eventsOf, type GivenBox, givenBootingBox } from './given-agent.ts';

const WORKSPACES = 40;

let db: TestDatabase;
let beats: BeatQueue;
beforeAll(async () => {
  db = await testDatabase({ connections: 20 });
  beats = new BeatQueue({ db: db.database, cipher, onTrouble: () => undefined });
});
afterAll(() => db.dispose());

const register = ({ workspaceId, boxId }: GivenBox) =>
  registerAgent(
    {
      db: db.database,
      cipher,
      transact: (change) => db.database.$transaction(change),
      urls: { mode: { saas: false, dev: false }, lookup: () => Promise.resolve([]) },
      onTrouble: () => undefined,
    },
    {
      id: workspaceId,
      url: 'http://agent:8000',
      agentCard: null,
      deliveryMode: null,
      shown: { bearer: { boxId }, nonce: null },
    },
  );
const beat = (box: GivenBox) => beats.submit(aBeat(box.workspaceId, { agent: box }));
const locked = <T>(workspaceId: string, work: (tx: Tx) => Promise<T>) =>
  db.database.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT id FROM workspaces WHERE id = ${workspaceId}::uuid FOR UPDATE`;
    return work(tx);
  });

/** On several workspaces at the same time: their beats share transactions. */
const onMany = (race: () => Promise<void>) => Promise.all(Array.from({ length: WORKSPACES }, race));

/** Stops the box and makes the next one, in the transactions of a bring-up. */
async function replace({ workspaceId }: GivenBox): Promise<string> {
  const [boxId, operationId] = [randomUUID(), randomUUID()];
  await locked(workspaceId, async (tx) => {
    await tx.$executeRaw`UPDATE workspaces SET operation_id = ${operationId}::uuid WHERE id = ${workspaceId}::uuid`;
    await changeStatus(tx, workspaceId, 'restart');
  });
  await locked(workspaceId, (tx) => stopBoxes(tx, workspaceId));
  await locked(workspaceId, async (tx) => {
    const place = { owner: 'test', host: 'here', backend: 'process' };
    await tx.box.create({ data: { id: boxId, workspaceId, operationId, cycle: 1, ...place } });
    await tx.$executeRaw`
      UPDATE workspaces SET box_id = ${boxId}::uuid, box_operation_id = ${operationId}::uuid, status = 'provisioning'
      WHERE id = ${workspaceId}::uuid`;
  });
  return boxId;
}

test('a box that is being replaced never brings its workspace online, whenever it speaks up', async () => {
  await onMany(async () => {
    const old = await givenBootingBox(db.database);
    const [next, ...answers] = await Promise.all([replace(old), register(old), beat(old), beat(old), register(old)]);
    const row = await db.database.workspace.findUniqueOrThrow({ where: { id: old.workspaceId } });
    expect([row.status, row.boxId]).toEqual(['provisioning', next]);
    expect(await db.database.box.findUniqueOrThrow({ where: { id: next } })).toMatchObject({ registeredAt: null });
    // Whoever was heard was heard before the restart; every event has its effect.
    const registered = answers.filter((answer) => 'answer' in answer && answer.answer.delivery_mode).length;
    const heard = (await eventsOf(db.database, old.workspaceId)).filter(({ payload }) => 'delivery_mode' in payload);
    expect(heard).toHaveLength(registered);
  });
});

test('nobody brings back a workspace that is being removed, and nothing is heard after the removal', async () => {
  await onMany(async () => {
    const box = await givenBootingBox(db.database);
    const id = box.workspaceId;
    const remove = locked(id, async (tx) => {
      await changeStatus(tx, id, 'remove');
      await recordEvent(tx, { workspaceId: id, type: 'WORKSPACE_REMOVED', payload: {} });
    });
    await Promise.allSettled([remove, register(box), beat(box), beat(box), register(box)]);
    expect((await db.database.workspace.findUniqueOrThrow({ where: { id } })).status).toBe('removed');
    expect((await eventsOf(db.database, id)).at(-1)?.event).toBe('WORKSPACE_REMOVED');
  });
});
