import { expect, test } from 'vitest';
import { ended, givenWorkspace, whenDeleted } from './support/given.ts';
import { useWorld } from './support/use-world.ts';

// Nobody answers for the host: what is waited for is the end of patience.
const { world } = useWorld({ settleMs: 2_000 });
const db = () => world().rig.db;
const poke = (id: string) => world().rig.poker.poke(id);
const operation = (id: string) => db().operation.findUniqueOrThrow({ where: { id } });
const nowhere = 'a-host-without-a-worker';

test('a host that is away neither fails a purge nor holds it up for good', async () => {
  const { id, operationId } = await givenWorkspace(db());
  await poke(id);
  expect(await ended(db(), operationId)).toBe('succeeded');
  await db().box.updateMany({ where: { workspaceId: id }, data: { state: 'gone', host: nowhere } });
  const deletion = await whenDeleted(db(), id, true);
  await poke(id);
  expect(await ended(db(), deletion)).toBe('succeeded');
  expect(await db().workspace.count({ where: { id } })).toBe(0);
});

test('a host that is away owes its box, and the delete says so', async () => {
  const { id, operationId } = await givenWorkspace(db());
  await poke(id);
  expect(await ended(db(), operationId)).toBe('succeeded');
  await db().box.updateMany({ where: { workspaceId: id }, data: { host: nowhere } });
  const deletion = await whenDeleted(db(), id);
  await poke(id);
  expect(await ended(db(), deletion)).toBe('failed');
  const [box] = await db().box.findMany({ where: { workspaceId: id } });
  expect(box).toMatchObject({ state: 'owed', owedReason: 'its host did not answer in time' });
  expect(await operation(deletion)).toMatchObject({
    failureCode: 'DELETE_INCOMPLETE',
    failureText: expect.stringContaining(box!.id),
  });
  expect(await db().workspace.findUniqueOrThrow({ where: { id } })).toMatchObject({
    status: 'removed',
    operationId: null,
  });
});
