import { randomUUID } from 'node:crypto';
import { withProgress } from '@holdfast/activities/operation/progress';
import { recordStep } from '@holdfast/activities/operation/steps';
import { type TestDatabase, testDatabase } from '@holdfast/infra/testing/index';
import type { BoxPort } from '@holdfast/workflows/box/ports';
import type { RunRef } from '@holdfast/workflows/operation/ports';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { givenWorkspace } from '../given-workspace.ts';
import { givenOwner, thrownBy } from './given-operation.ts';

let kit: TestDatabase;
beforeAll(async () => {
  kit = await testDatabase();
});
afterAll(() => kit.dispose());

const linesOf = (operationId: string) =>
  kit.database.operationStep.findMany({ where: { operationId }, orderBy: { seq: 'asc' } });
const running = async (): Promise<RunRef> =>
  givenOwner(kit.database, await givenWorkspace(kit.database), { kind: 'provision' });
const record = ({ operationId }: RunRef, step: string, cycle = 1) =>
  kit.database.$transaction((tx) => recordStep(tx, { operationId, cycle, step, state: 'done' }));

describe('the progress of an operation', () => {
  test('is numbered without a gap, also by many writers at once', async () => {
    const run = await running();
    await Promise.all(Array.from({ length: 30 }, (_, n) => record(run, `step ${n}`)));
    expect((await linesOf(run.operationId)).map(({ seq }) => seq)).toEqual(Array.from({ length: 30 }, (_, n) => n + 1));
  });

  test('has one line for a step of a cycle that runs again, and keeps its phase', async () => {
    const run = await running();
    await record(run, 'mint');
    await record(run, 'start');
    await record(run, 'mint');
    await record(run, 'mint', 2);
    expect((await linesOf(run.operationId)).map(({ cycle, step }) => `${cycle} ${step}`)).toEqual([
      '1 mint',
      '1 start',
      '2 mint',
    ]);
    await record(run, 'start');
    expect(await kit.database.operation.findUniqueOrThrow({ where: { id: run.operationId } })).toMatchObject({
      phase: 'mint',
    });
  });

  test('holds every line of the hosts that settle at the same time', async () => {
    const settled: BoxPort = {
      prepareBox: () => Promise.resolve(),
      startBox: () => Promise.resolve(),
      settleBoxes: () => Promise.resolve({ gone: 1, owed: [] }),
      removeVolumes: () => Promise.resolve(),
    };
    const boxes = withProgress(kit.database, settled);
    const run = await running();
    // Each cycle stands for a host here: a line is told apart by its cycle.
    const orders = Array.from({ length: 20 }, (_, cycle) => ({ ...run, cycle, host: `host-${cycle}`, limitMs: 1_000 }));
    await Promise.all(orders.map((order) => boxes.settleBoxes(order)));
    const lines = await linesOf(run.operationId);
    expect(lines).toHaveLength(40);
    expect(lines.map(({ seq }) => seq)).toEqual(Array.from({ length: 40 }, (_, n) => n + 1));
  });

  test('that cannot be written down tells the history nothing of what the database said, and the log all', async () => {
    const said = new Error('connect ECONNREFUSED postgresql://holdfast:its-password@db');
    const closed = new Proxy(kit.database, { get: () => () => Promise.reject(said) });
    const heard: unknown[] = [];
    const boxes = withProgress(closed, {} as BoxPort, (step, error) => heard.push([step, error]));
    const order = { ...(await running()), cycle: 1, host: 'here', limitMs: 1_000 };
    const failure = await thrownBy(boxes.settleBoxes(order));
    expect(failure).toMatchObject({ type: 'PLATFORM_UNAVAILABLE', nonRetryable: false });
    expect(JSON.stringify([failure, (failure as Error).message, (failure as Error).cause])).not.toContain(
      'its-password',
    );
    expect(heard).toEqual([['settleBoxes', said]]);
  });

  test('of an operation that is not there is nothing', async () => {
    const nobody = { operationId: randomUUID(), workspaceId: randomUUID(), runId: randomUUID() };
    await record(nobody, 'mint');
    expect(await linesOf(nobody.operationId)).toEqual([]);
  });
});
