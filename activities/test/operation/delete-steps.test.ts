import { randomUUID } from 'node:crypto';
import type { RunRef } from '@holdfast/workflows/operation/ports';
import { describe, expect, test } from 'vitest';
import { givenWorkspace } from '../given-workspace.ts';
import { everythingOf, givenBox, givenOwner } from './given-operation.ts';
import { boxesOf, db, operation, place, provisioning, rows, twice, useRows, workspace } from './rows-kit.ts';

useRows();

describe('a delete', () => {
  async function removed(request: object = {}): Promise<RunRef> {
    const workspaceId = await givenWorkspace(db, { status: 'removed' });
    await db.workspaceSecret.create({
      data: { workspaceId, key: 'K', encryptedValue: Uint8Array.from([1]) },
    });
    return givenOwner(db, workspaceId, { kind: 'delete', request });
  }

  test('plans the volumes of every host it ever had a box on, once', async () => {
    const run = await removed({ purge: true });
    for (const host of ['a', 'b', 'a']) await givenBox(db, run, { state: 'gone', host });
    const plan = await twice(run, () => rows.planErase(run));
    expect(plan!.owed).toEqual([]);
    const { workspaceId } = run;
    expect([...plan!.volumes].sort((x, y) => x.host.localeCompare(y.host))).toEqual([
      { workspaceId, host: 'a', purge: true },
      { workspaceId, host: 'b', purge: true },
    ]);
  });

  test('names each box that is owed, and why', async () => {
    const run = await removed();
    const box = await givenBox(db, run, { state: 'owed' });
    await db.box.update({ where: { id: box }, data: { owedReason: 'engine away' } });
    expect(await rows.planErase(run)).toMatchObject({ owed: [`box ${box}: engine away`] });
  });

  test('without a purge keeps every row', async () => {
    const run = await removed();
    expect(await twice(run, () => rows.eraseWorkspace(run))).toEqual({ purged: false });
    expect(await db.workspaceSecret.count({ where: { workspaceId: run.workspaceId } })).toBe(1);
  });

  test('with a purge deletes the workspace and what is below it, keeps its record, and answers the same when it runs again', async () => {
    const run = await removed({ purge: true });
    const child = await givenWorkspace(db, {
      status: 'removed',
      parent: { connect: { id: run.workspaceId } },
    });
    const pointer = await givenWorkspace(db, { forwarded: { connect: { id: run.workspaceId } } });
    await givenBox(db, run, { state: 'gone' });
    await rows.planErase(run);
    expect(await twice(run, () => rows.eraseWorkspace(run))).toEqual({ purged: true });
    expect(await db.workspace.count({ where: { id: { in: [run.workspaceId, child] } } })).toBe(0);
    expect(await db.workspaceSecret.count({ where: { workspaceId: run.workspaceId } })).toBe(0);
    expect(await boxesOf(run.workspaceId)).toHaveLength(1);
    expect((await workspace(pointer)).forwardedTo).toBeNull();
  });

  test('that purged ends as succeeded though its task runs again from the start', async () => {
    const run = await removed({ purge: true });
    await rows.planErase(run);
    await rows.eraseWorkspace(run);
    // The run finds no workspace of its own any more, so it comes to its end without an ending.
    const order = { ...run, kind: 'delete' } as const;
    expect(await twice(run, () => rows.finishOperation(order))).toEqual({ state: 'succeeded' });
    expect(await operation(run.operationId)).toMatchObject({ state: 'succeeded', endedAt: expect.any(Date) });
  });
});

describe('every step', () => {
  const steps: Record<string, (run: RunRef) => Promise<unknown>> = {
    beginCycle: (run) => rows.beginCycle({ ...run, cycle: 1 }),
    mintBox: (run) => rows.mintBox({ ...run, cycle: 1, ...place }),
    beginSettle: (run) => rows.beginSettle({ ...run, beforeCycle: 1 }),
    moveProvider: (run) => rows.moveProvider(run),
    moveProviderBack: (run) => rows.moveProviderBack(run),
    restoreBeforeSwitch: (run) => rows.restoreBeforeSwitch({ ...run, moved: false }),
    planErase: (run) => rows.planErase(run),
    eraseWorkspace: (run) => rows.eraseWorkspace(run),
    oweBoxes: async (run) => (await rows.oweBoxes({ ...run, hosts: ['here'], reason: 'late' })) ?? null,
  };
  const losses: Record<string, (run: RunRef) => Promise<RunRef>> = {
    'has been superseded': async (run) => {
      await db.operation.update({ where: { id: run.operationId }, data: { state: 'superseded' } });
      return run;
    },
    'no longer owns the workspace': async (run) => {
      await db.workspace.update({ where: { id: run.workspaceId }, data: { operationId: randomUUID() } });
      return run;
    },
    'is another run': (run) => Promise.resolve({ ...run, runId: randomUUID() }),
  };
  const pairs = Object.keys(steps).flatMap((step) => Object.keys(losses).map((loss) => ({ step, loss })));

  test.each(pairs)('$step does nothing for a run that $loss', async ({ step, loss }) => {
    const run = await provisioning();
    await givenBox(db, run, { state: 'stopping' });
    await givenBox(db, run, { state: 'running', current: true });
    const loser = await losses[loss]!(run);
    const before = await everythingOf(db, run.workspaceId);
    expect(await steps[step]!(loser)).toBeNull();
    expect(await everythingOf(db, run.workspaceId)).toEqual(before);
  });
});
