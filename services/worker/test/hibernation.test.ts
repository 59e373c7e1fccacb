import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { BackendError } from '@holdfast/activities/box/backend-error';
import { requestHibernate } from '@holdfast/activities/workspace/request-hibernate';
import { ended, givenWorkspace } from './support/given.ts';
import { useWorld } from './support/use-world.ts';
import { ledgerIsReality } from './support/world.ts';

const { world, script } = useWorld({ hosts: 2, settleMs: 3_000 });
const db = () => world().rig.db;
const row = (id: string) => db().workspace.findUniqueOrThrow({ where: { id } });
const operation = (id: string) => db().operation.findUniqueOrThrow({ where: { id } });
const boxesOf = (id: string): string[] =>
  world()
    .folder.boxes()
    .filter(({ workspaceId }) => workspaceId === id)
    .map(({ boxId }) => boxId);

async function online(): Promise<string> {
  const { id, operationId } = await givenWorkspace(db());
  await world().rig.poker.poke(id);
  expect(await ended(db(), operationId)).toBe('succeeded');
  return id;
}
async function hibernated(workspaceId: string, more: { abandoned?: true } = {}): Promise<string> {
  const request = { workspaceId, force: false, actor: 'test', ...more };
  const { operationId } = await db().$transaction((tx) => requestHibernate(tx, request));
  await world().rig.poker.poke(workspaceId);
  return operationId;
}
const isStuck = (which: Set<string>): void => {
  script.beforeStop = ({ boxId }) => {
    if (which.has(boxId)) throw new BackendError('failed', 'the engine is stuck');
  };
};

describe('a hibernation', () => {
  test('that was abandoned fails for as long as its box is there, and sleeps when that is gone', async () => {
    const id = await online();
    const stuck = new Set(boxesOf(id));
    isStuck(stuck);
    await db().workspace.update({ where: { id }, data: { status: 'hibernating' } });
    for (const attempt of [1, 2]) {
      const operationId = await hibernated(id, { abandoned: true });
      expect([attempt, await ended(db(), operationId)]).toEqual([attempt, 'failed']);
      expect((await operation(operationId)).failureCode).toBe('HIBERNATE_FAILED');
      expect(await row(id)).toMatchObject({ status: 'hibernating', boxId: null, operationId: null });
      expect(boxesOf(id)).toHaveLength(1);
    }
    stuck.clear();
    expect(await ended(db(), await hibernated(id, { abandoned: true }))).toBe('succeeded');
    expect((await row(id)).status).toBe('hibernated');
    await ledgerIsReality(world(), [id]);
    expect(boxesOf(id)).toEqual([]);
  });

  test('that stops its box and not an older one sleeps once that is gone as well', async () => {
    const id = await online();
    const [current] = boxesOf(id);
    const olderId = randomUUID();
    const past = {
      operationId: randomUUID(),
      cycle: 1,
      owner: 'test-owner',
      backend: 'process',
      state: 'owed' as const,
    };
    const host = (await db().box.findUniqueOrThrow({ where: { id: current! } })).host;
    await db().box.create({ data: { id: olderId, workspaceId: id, host, ...past } });
    isStuck(new Set([olderId]));
    const operationId = await hibernated(id);
    expect(await ended(db(), operationId)).toBe('failed');
    expect(await row(id)).toMatchObject({ status: 'hibernating', boxId: null, operationId: null });
    expect(boxesOf(id)).toEqual([]);
    delete script.beforeStop;
    await ledgerIsReality(world(), [id]);
    expect(await ended(db(), await hibernated(id, { abandoned: true }))).toBe('succeeded');
    expect((await row(id)).status).toBe('hibernated');
  });
});
