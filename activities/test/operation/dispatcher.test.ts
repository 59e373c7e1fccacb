import { dispatch } from '@holdfast/activities/operation/dispatcher';
import { takeIn } from '@holdfast/activities/operation/intake';
import type { WorkspacePoker } from '@holdfast/activities/operation/poker';
import { lockWorkspace } from '@holdfast/activities/workspace/workspace-row';
import { type TestDatabase, testDatabase } from '@holdfast/infra/testing/index';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { givenWorkspace } from '../given-workspace.ts';
import { givenBox, givenOperation, givenOwner } from './given-operation.ts';

let kit: TestDatabase;
beforeAll(async () => {
  kit = await testDatabase();
});
afterAll(() => kit.dispose());
afterEach(async () => {
  await kit.database.operation.updateMany({ data: { state: 'succeeded' } });
});

/** Notes whom it was asked to poke. */
const noting = (): WorkspacePoker & { poked: string[] } => {
  const poked: string[] = [];
  return { poked, poke: (id) => Promise.resolve(void poked.push(id)) };
};
const away: WorkspacePoker = { poke: () => Promise.reject(new Error('Temporal is away')) };

async function accepted(nextPokeAt: Date | null = new Date(0)): Promise<{ workspaceId: string; operationId: string }> {
  const workspaceId = await givenWorkspace(kit.database);
  const operationId = await givenOperation(kit.database, workspaceId, { kind: 'provision' });
  await kit.database.operation.update({ where: { id: operationId }, data: { nextPokeAt } });
  await kit.database.workspace.update({ where: { id: workspaceId }, data: { operationId } });
  return { workspaceId, operationId };
}
const pokesDuring = async (
  work: (poker: WorkspacePoker) => Promise<unknown> = (poker) => dispatch(kit.database, poker),
) => {
  const poker = noting();
  await work(poker);
  return poker.poked;
};

describe('the dispatcher', () => {
  test('pokes an accepted operation nobody began, and leaves it alone for a while', async () => {
    const { workspaceId } = await accepted();
    expect(await pokesDuring()).toEqual([workspaceId]);
    expect(await pokesDuring()).toEqual([]);
  });

  test('gives the poke of the request itself two seconds', async () => {
    const workspaceId = await givenWorkspace(kit.database);
    await kit.database.$transaction(async (tx) => {
      const workspace = await lockWorkspace(tx, workspaceId);
      return takeIn(tx, workspace!, { kind: 'delete', actor: 'test' });
    });
    expect(await pokesDuring()).toEqual([]);
    const [operation] = await kit.database.operation.findMany({ where: { workspaceId } });
    const patience = operation!.nextPokeAt!.getTime() - operation!.acceptedAt.getTime();
    // Accepted is when its transaction began; the two seconds count from when it was written.
    expect(patience).toBeGreaterThanOrEqual(2_000);
    expect(patience).toBeLessThan(4_000);
  });

  test('backs off to a minute', async () => {
    const { operationId } = await accepted();
    const pauses: number[] = [];
    for (let tick = 0; tick < 8; tick += 1) {
      const before = Date.now();
      await dispatch(kit.database, away);
      const { nextPokeAt } = await kit.database.operation.findUniqueOrThrow({ where: { id: operationId } });
      pauses.push(Math.round((nextPokeAt!.getTime() - before) / 1_000));
      await kit.database.operation.update({ where: { id: operationId }, data: { nextPokeAt: new Date(0) } });
    }
    expect(pauses).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
  });

  test('reports what it could not poke, and goes on with the others', async () => {
    const { workspaceId } = await accepted();
    await accepted();
    const poker: WorkspacePoker = { poke: (id) => (id === workspaceId ? away.poke(id) : Promise.resolve()) };
    expect(await dispatch(kit.database, poker)).toEqual({ poked: 1, failed: 1 });
  });

  test('pokes nobody twice when several tick at once', async () => {
    const given = await Promise.all(Array.from({ length: 40 }, () => accepted()));
    const poked = await pokesDuring((poker) =>
      Promise.all(Array.from({ length: 4 }, () => dispatch(kit.database, poker))),
    );
    expect([...poked].sort()).toEqual(given.map(({ workspaceId }) => workspaceId).sort());
  });

  test('does not wait for a row that a transaction holds', async () => {
    const held = await accepted();
    const free = await accepted();
    await kit.database.$transaction(async (tx) => {
      await tx.$executeRaw`SELECT 1 FROM operations WHERE id = ${held.operationId}::uuid FOR UPDATE`;
      expect(await pokesDuring()).toEqual([free.workspaceId]);
    });
    expect(await pokesDuring()).toEqual([held.workspaceId]);
  });

  test('takes the longest forgotten first when there are more than one tick takes', async () => {
    const given = await Promise.all(Array.from({ length: 110 }, (_, n) => accepted(new Date(1_000 * (n + 1)))));
    const first = await pokesDuring();
    expect(first).toHaveLength(100);
    expect(await pokesDuring()).toHaveLength(10);
    expect([...first].sort()).toEqual(
      given
        .slice(0, 100)
        .map(({ workspaceId }) => workspaceId)
        .sort(),
    );
  });

  test.each(['superseded', 'succeeded', 'failed'] as const)('has nothing to do with what is %s', async (state) => {
    const { operationId } = await accepted();
    await kit.database.operation.update({ where: { id: operationId }, data: { state } });
    expect(await pokesDuring()).toEqual([]);
  });
});

describe('a run that waits', () => {
  const secondsAgo = (seconds: number): Date => new Date(Date.now() - seconds * 1_000);

  async function waiting(box: { registered: number | null; state?: 'running' | 'stopping'; cycle?: number }) {
    const run = await givenOwner(kit.database, await givenWorkspace(kit.database), { kind: 'provision' });
    await kit.database.operation.update({ where: { id: run.operationId }, data: { cycle: 2 } });
    const id = await givenBox(kit.database, run, { state: box.state ?? 'running', cycle: box.cycle ?? 2 });
    await kit.database.box.update({
      where: { id },
      data: { registeredAt: box.registered === null ? null : secondsAgo(box.registered) },
    });
    return run;
  }

  test('is told of the agent that has registered', async () => {
    const run = await waiting({ registered: 5 });
    expect(await pokesDuring()).toEqual([run.workspaceId]);
  });

  test.each([
    ['whose agent has not', { registered: null }],
    ['whose agent has done so just now: its own poke is under way', { registered: 0 }],
    ['whose agent belonged to an earlier cycle', { registered: 5, cycle: 1 }],
    ['whose box is being stopped', { registered: 5, state: 'stopping' }],
  ] as const)('is left alone %s', async (_, box) => {
    await waiting(box);
    expect(await pokesDuring()).toEqual([]);
  });

  test('is told of what has waited behind it for two seconds, and not before', async () => {
    const run = await waiting({ registered: null });
    const queued = await givenOperation(kit.database, run.workspaceId, { kind: 'restart' });
    expect(await pokesDuring()).toEqual([]);
    await kit.database.operation.update({ where: { id: queued }, data: { acceptedAt: secondsAgo(5) } });
    expect(await pokesDuring()).toEqual([run.workspaceId]);
  });
});
