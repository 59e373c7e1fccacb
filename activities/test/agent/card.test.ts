import { randomUUID } from 'node:crypto';
import { updateCard } from '@holdfast/activities/agent/card';
import { type TestDatabase, testDatabase } from '@holdfast/infra/testing/index';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { givenWorkspace } from '../given-workspace.ts';
import { eventsOf, givenBootingBox, givenBox } from './given-agent.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.dispose());

const unbound = { bearer: { boxId: null }, nonce: null } as const;
const update = (
  workspaceId: string,
  shown: Parameters<typeof updateCard>[1]['shown'],
  agentCard: unknown = { name: 'new' },
) =>
  updateCard(
    { db: db.database, transact: (change) => db.database.$transaction(change), onTrouble: () => undefined },
    { workspaceId, agentCard, shown },
  );
const cardOf = async (id: string) => (await db.database.workspace.findUniqueOrThrow({ where: { id } })).agentCard;

test('replaces the card wholesale and says so', async () => {
  const id = await givenWorkspace(db.database, { agentCard: { name: 'old', skills: [] } });
  await update(id, unbound);
  expect(await cardOf(id)).toEqual({ name: 'new' });
  expect(await eventsOf(db.database, id)).toEqual([
    { event: 'AGENT_CARD_UPDATED', payload: { agent_card: { name: 'new' } } },
  ]);
});

test('takes the word of the current box and not that of the one before', async () => {
  const old = await givenBootingBox(db.database);
  const current = await givenBox(db.database, old.workspaceId);
  await update(old.workspaceId, { bearer: { boxId: current.boxId }, nonce: null });
  await update(old.workspaceId, { bearer: { boxId: old.boxId }, nonce: null }, { name: 'ghost' });
  expect(await cardOf(old.workspaceId)).toEqual({ name: 'new' });
  expect(await eventsOf(db.database, old.workspaceId)).toHaveLength(1);
});

test('does nothing for a removed workspace', async () => {
  const id = await givenWorkspace(db.database, { status: 'removed' });
  await update(id, { bearer: 'none', nonce: null });
  expect(await eventsOf(db.database, id)).toEqual([]);
});

test('refuses unknown workspaces and missing credentials', async () => {
  await expect(update(randomUUID(), unbound)).rejects.toMatchObject({ code: 'WORKSPACE_NOT_FOUND' });
  const id = await givenWorkspace(db.database);
  await expect(update(id, { bearer: 'none', nonce: null })).rejects.toMatchObject({
    message: 'missing workspace auth token',
  });
  await expect(update(id, { bearer: 'foreign', nonce: null })).rejects.toMatchObject({
    message: 'invalid workspace auth token',
  });
  expect(await eventsOf(db.database, id)).toEqual([]);
});
