import { randomUUID } from 'node:crypto';
import { randomBytes } from 'node:crypto';
import { operationRecords } from '@holdfast/activities/operation/operation-records';
import { createCipher } from '@holdfast/activities/secret/cipher';
import { type TestDatabase, testDatabase } from '@holdfast/infra/testing/index';
import { defaultOperationSettings } from '@holdfast/workflows/operation/operation';
import type { OperationPort, RunRef } from '@holdfast/workflows/operation/ports';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { givenWorkspace } from '../given-workspace.ts';
import { everythingOf, givenBox, givenOperation, givenOwner } from './given-operation.ts';

const cipher = createCipher(randomBytes(32).toString('base64'));
let kit: TestDatabase;
let rows: OperationPort;
beforeAll(async () => {
  kit = await testDatabase();
  await kit.database.backend.create({ data: { host: 'here', kind: 'process' } });
  const deadlineMs = (runtime: string) => (runtime === 'hermes' ? 1_800_000 : 600_000);
  rows = operationRecords({ db: kit.database, cipher, owner: 'owner', settings: defaultOperationSettings, deadlineMs });
});
afterAll(() => kit.dispose());

const place = { host: 'here', backend: 'process' } as const;
const workspace = (id: string) => kit.database.workspace.findUniqueOrThrow({ where: { id } });
const operation = (id: string) => kit.database.operation.findUniqueOrThrow({ where: { id } });
const boxesOf = (workspaceId: string) =>
  kit.database.box.findMany({ where: { workspaceId }, orderBy: { createdAt: 'asc' } });
const eventsOf = async (workspaceId: string) =>
  (await kit.database.structureEvent.findMany({ where: { workspaceId }, orderBy: { seq: 'asc' } })).map(
    ({ eventType }) => eventType,
  );

/** A workspace whose provision has begun and been carried out by a run. */
async function provisioning(): Promise<RunRef> {
  const workspaceId = await givenWorkspace(kit.database, { status: 'provisioning' });
  return givenOwner(kit.database, workspaceId, { kind: 'provision' });
}

/** Runs a step twice, as a killed worker or a signal during its task makes it run, and compares every row. */
async function twice<T>(run: RunRef, step: () => Promise<T>): Promise<T> {
  const first = await step();
  const before = await everythingOf(kit.database, run.workspaceId);
  expect(await step()).toEqual(first);
  expect(await everythingOf(kit.database, run.workspaceId)).toEqual(before);
  return first;
}

describe('begin', () => {
  async function accepted(): Promise<RunRef> {
    const workspaceId = await givenWorkspace(kit.database, { status: 'provisioning' });
    const operationId = await givenOperation(kit.database, workspaceId, { kind: 'provision' });
    await kit.database.workspace.update({ where: { id: workspaceId }, data: { operationId } });
    return { operationId, workspaceId, runId: randomUUID() };
  }

  test('makes the run the one that carries the operation out', async () => {
    const run = await accepted();
    expect(await twice(run, () => rows.beginOperation(run))).toEqual(defaultOperationSettings);
    expect(await operation(run.operationId)).toMatchObject({
      state: 'running',
      runId: run.runId,
      beganAt: expect.any(Date),
      phase: 'begin',
    });
  });

  test('refuses a second run of the same operation', async () => {
    const run = await accepted();
    await rows.beginOperation(run);
    expect(await rows.beginOperation({ ...run, runId: randomUUID() })).toBeNull();
    expect((await operation(run.operationId)).runId).toBe(run.runId);
  });

  test('lets one of many runs in', async () => {
    const run = await accepted();
    const runs = Array.from({ length: 8 }, () => ({ ...run, runId: randomUUID() }));
    const begun = await Promise.all(runs.map((each) => rows.beginOperation(each)));
    expect(begun.filter((settings) => settings !== null)).toHaveLength(1);
  });

  test.each(['superseded', 'succeeded', 'failed', 'coalesced', 'cancelled'] as const)(
    'never revives an operation that is %s',
    async (state) => {
      const run = await accepted();
      await rows.beginOperation(run);
      await kit.database.operation.update({ where: { id: run.operationId }, data: { state } });
      const before = await everythingOf(kit.database, run.workspaceId);
      expect(await rows.beginOperation(run)).toBeNull();
      expect(await everythingOf(kit.database, run.workspaceId)).toEqual(before);
    },
  );

  test('refuses an operation that waits behind another', async () => {
    const run = await provisioning();
    const waiting = await givenOperation(kit.database, run.workspaceId, { kind: 'restart' });
    expect(await rows.beginOperation({ ...run, operationId: waiting, runId: randomUUID() })).toBeNull();
    expect(await operation(waiting)).toMatchObject({ state: 'accepted', runId: null });
  });

  test('starts the patience of the dispatcher anew', async () => {
    const run = await accepted();
    await kit.database.operation.update({
      where: { id: run.operationId },
      data: { pokes: 6, nextPokeAt: new Date(Date.now() + 60_000) },
    });
    await rows.beginOperation(run);
    expect(await operation(run.operationId)).toMatchObject({ pokes: 0, nextPokeAt: null });
  });
});

describe('the begin of a cycle', () => {
  test('serves every bring-up that waits, and answers the same when it runs again', async () => {
    const run = await provisioning();
    const kinds = ['restart', 'resume', 'wake', 'provision'] as const;
    const waiting = await Promise.all(kinds.map((kind) => givenOperation(kit.database, run.workspaceId, { kind })));
    const cycle = await twice(run, () => rows.beginCycle({ ...run, cycle: 1 }));
    expect(cycle).toEqual({ cycle: 1, hostsToSettle: [], place, deadlineMs: 600_000, runtime: 'reference' });
    for (const id of waiting) {
      expect(await operation(id)).toMatchObject({
        state: 'coalesced',
        coalescedInto: run.operationId,
        coalescedCycle: 1,
        endedAt: expect.any(Date),
      });
    }
    // The request itself has said "provisioning".
    expect(await eventsOf(run.workspaceId)).toEqual([]);
  });

  test('leaves what came in after it to the next cycle, also when it runs again', async () => {
    const run = await provisioning();
    await rows.beginCycle({ ...run, cycle: 1 });
    const late = await givenOperation(kit.database, run.workspaceId, { kind: 'restart' });
    await rows.beginCycle({ ...run, cycle: 1 });
    expect(await operation(late)).toMatchObject({ state: 'accepted' });
    await twice(run, () => rows.beginCycle({ ...run, cycle: 2 }));
    expect(await operation(late)).toMatchObject({ state: 'coalesced', coalescedCycle: 2 });
    expect(await eventsOf(run.workspaceId)).toEqual(['WORKSPACE_PROVISIONING']);
  });

  test('leaves a delete that waits alone', async () => {
    const run = await provisioning();
    const waiting = await givenOperation(kit.database, run.workspaceId, { kind: 'delete' });
    await rows.beginCycle({ ...run, cycle: 1 });
    expect(await operation(waiting)).toMatchObject({ state: 'accepted' });
  });

  test('names the hosts of the boxes that are not gone, but not of its own', async () => {
    const run = await provisioning();
    const before = { ...run, operationId: randomUUID() };
    await givenBox(kit.database, before, { state: 'owed', host: 'b' });
    await givenBox(kit.database, before, { state: 'gone', host: 'c' });
    await givenBox(kit.database, run, { state: 'creating', host: 'd', cycle: 1 });
    expect(await rows.beginCycle({ ...run, cycle: 1 })).toMatchObject({ hostsToSettle: ['b'] });
  });

  test('gives a runtime its own deadline and writes it down', async () => {
    const run = await provisioning();
    await kit.database.workspace.update({ where: { id: run.workspaceId }, data: { runtime: 'hermes' } });
    const before = Date.now();
    expect(await rows.beginCycle({ ...run, cycle: 1 })).toMatchObject({ deadlineMs: 1_800_000, runtime: 'hermes' });
    const { deadlineAt } = await operation(run.operationId);
    expect(deadlineAt!.getTime() - before).toBeGreaterThan(1_790_000);
  });
});

describe('the mint', () => {
  test('makes one box and one token for a cycle, however often it runs', async () => {
    const run = await provisioning();
    await rows.beginCycle({ ...run, cycle: 1 });
    const minted = await twice(run, () => rows.mintBox({ ...run, cycle: 1, ...place }));
    expect(await boxesOf(run.workspaceId)).toMatchObject([
      { id: minted!.boxId, state: 'creating', operationId: run.operationId, cycle: 1, owner: 'owner', ...place },
    ]);
    expect(await workspace(run.workspaceId)).toMatchObject({
      boxId: minted!.boxId,
      boxOperationId: run.operationId,
      status: 'provisioning',
      ...place,
    });
  });

  test('leaves nothing in clear on the ledger', async () => {
    const run = await provisioning();
    await rows.mintBox({ ...run, cycle: 1, ...place });
    const [box] = await boxesOf(run.workspaceId);
    const { token, nonce, inboundSecret } = JSON.parse(cipher.open(box!.sealedCredentials!)) as Record<string, string>;
    const everything = JSON.stringify(await everythingOf(kit.database, run.workspaceId));
    for (const secret of [token, nonce, inboundSecret]) {
      expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(everything).not.toContain(secret);
    }
  });

  test('ends the tokens of agents and keeps those that people made', async () => {
    const run = await provisioning();
    for (const purpose of ['agent', 'user'] as const) {
      const tokenHash = Uint8Array.from(randomBytes(32));
      await kit.database.workspaceAuthToken.create({
        data: { workspaceId: run.workspaceId, tokenHash, prefix: purpose, purpose },
      });
    }
    const { boxId } = (await rows.mintBox({ ...run, cycle: 1, ...place }))!;
    const live = await kit.database.workspaceAuthToken.findMany({
      where: { workspaceId: run.workspaceId, revokedAt: null },
      orderBy: { purpose: 'asc' },
    });
    expect(live).toMatchObject([
      { purpose: 'agent', boxId },
      { purpose: 'user', boxId: null },
    ]);
  });

  test('tells of the status it takes back from an agent that was too early', async () => {
    const run = await provisioning();
    await kit.database.workspace.update({ where: { id: run.workspaceId }, data: { status: 'online' } });
    await twice(run, () => rows.mintBox({ ...run, cycle: 1, ...place }));
    expect(await workspace(run.workspaceId)).toMatchObject({ status: 'provisioning' });
    expect(await eventsOf(run.workspaceId)).toEqual(['WORKSPACE_PROVISIONING']);
  });

  test('tells nothing when the status is already that', async () => {
    const run = await provisioning();
    await rows.mintBox({ ...run, cycle: 1, ...place });
    expect(await eventsOf(run.workspaceId)).toEqual([]);
  });
});

describe('the begin of a settle', () => {
  test('takes the current box from the row and marks all that may run as being stopped', async () => {
    const run = await provisioning();
    const before = { ...run, operationId: randomUUID() };
    await givenBox(kit.database, before, { state: 'running', current: true });
    await givenBox(kit.database, before, { state: 'owed', host: 'there' });
    await givenBox(kit.database, before, { state: 'gone', host: 'nowhere' });
    await kit.database.workspace.update({
      where: { id: run.workspaceId },
      data: { livenessExpiresAt: new Date(), internalUrl: 'http://ws:8000' },
    });
    const { hosts } = (await twice(run, () => rows.beginSettle({ ...run, beforeCycle: 1 })))!;
    expect([...hosts].sort()).toEqual(['here', 'there']);
    expect((await boxesOf(run.workspaceId)).map(({ state }) => state).sort()).toEqual(['gone', 'owed', 'stopping']);
    expect(await workspace(run.workspaceId)).toMatchObject({
      boxId: null,
      boxOperationId: null,
      livenessExpiresAt: null,
      internalUrl: null,
    });
  });

  test('that comes late leaves the box alone that was minted meanwhile', async () => {
    const run = await provisioning();
    await givenBox(kit.database, { ...run, operationId: randomUUID() }, { state: 'running' });
    await rows.beginSettle({ ...run, beforeCycle: 1 });
    const { boxId } = (await rows.mintBox({ ...run, cycle: 1, ...place }))!;
    // What a worker that was frozen in the middle of the step does when it thaws.
    await rows.beginSettle({ ...run, beforeCycle: 1 });
    expect(await workspace(run.workspaceId)).toMatchObject({ boxId });
    expect(await kit.database.box.findUniqueOrThrow({ where: { id: boxId } })).toMatchObject({ state: 'creating' });
  });

  test('stops the box of its own cycle when a bring-up is undone', async () => {
    const run = await provisioning();
    await rows.mintBox({ ...run, cycle: 1, ...place });
    await rows.beginSettle({ ...run, beforeCycle: 2 });
    expect(await boxesOf(run.workspaceId)).toMatchObject([{ state: 'stopping' }]);
    expect(await workspace(run.workspaceId)).toMatchObject({ boxId: null });
  });

  test('takes back the status of the agent whose box it stops', async () => {
    const run = await provisioning();
    await givenBox(kit.database, run, { state: 'running', current: true });
    await kit.database.workspace.update({ where: { id: run.workspaceId }, data: { status: 'online' } });
    await twice(run, () => rows.beginSettle({ ...run, beforeCycle: 2 }));
    expect(await workspace(run.workspaceId)).toMatchObject({ status: 'provisioning' });
    expect(await eventsOf(run.workspaceId)).toEqual(['WORKSPACE_PROVISIONING']);
  });

  test('of a delete changes no status', async () => {
    const workspaceId = await givenWorkspace(kit.database, { status: 'removed' });
    const run = await givenOwner(kit.database, workspaceId, { kind: 'delete' });
    await givenBox(kit.database, { ...run, operationId: randomUUID() }, { state: 'running', current: true });
    await twice(run, () => rows.beginSettle({ ...run, beforeCycle: 1 }));
    expect(await workspace(workspaceId)).toMatchObject({ status: 'removed', boxId: null });
    expect(await eventsOf(workspaceId)).toEqual([]);
  });
});

describe('a debt', () => {
  test('is written for what is still being stopped on the named hosts only', async () => {
    const run = await provisioning();
    for (const host of ['a', 'b']) await givenBox(kit.database, run, { state: 'stopping', host });
    await givenBox(kit.database, run, { state: 'gone', host: 'a' });
    await twice(run, () => rows.oweBoxes({ ...run, hosts: ['a'], reason: 'away' }));
    expect(
      (await boxesOf(run.workspaceId)).map(({ host, state, owedReason }) => `${host} ${state} ${owedReason}`).sort(),
    ).toEqual(['a gone null', 'a owed away', 'b stopping null']);
  });
});

describe('a delete', () => {
  async function removed(request: object = {}): Promise<RunRef> {
    const workspaceId = await givenWorkspace(kit.database, { status: 'removed' });
    await kit.database.workspaceSecret.create({
      data: { workspaceId, key: 'K', encryptedValue: Uint8Array.from([1]) },
    });
    return givenOwner(kit.database, workspaceId, { kind: 'delete', request });
  }

  test('plans the volumes of every host it ever had a box on, once', async () => {
    const run = await removed({ purge: true });
    for (const host of ['a', 'b', 'a']) await givenBox(kit.database, run, { state: 'gone', host });
    const plan = await twice(run, () => rows.planErase(run));
    expect(plan!.owed).toEqual([]);
    expect([...plan!.volumes].sort((x, y) => x.host.localeCompare(y.host))).toEqual([
      { host: 'a', purge: true },
      { host: 'b', purge: true },
    ]);
  });

  test('names each box that is owed, and why', async () => {
    const run = await removed();
    const box = await givenBox(kit.database, run, { state: 'owed' });
    await kit.database.box.update({ where: { id: box }, data: { owedReason: 'engine away' } });
    expect(await rows.planErase(run)).toMatchObject({ owed: [`box ${box}: engine away`] });
  });

  test('without a purge keeps every row', async () => {
    const run = await removed();
    expect(await twice(run, () => rows.eraseWorkspace(run))).toEqual({ purged: false });
    expect(await kit.database.workspaceSecret.count({ where: { workspaceId: run.workspaceId } })).toBe(1);
  });

  test('with a purge deletes the workspace, keeps its record, and answers the same when it runs again', async () => {
    const run = await removed({ purge: true });
    const child = await givenWorkspace(kit.database, {
      status: 'removed',
      parent: { connect: { id: run.workspaceId } },
    });
    await givenBox(kit.database, run, { state: 'gone' });
    expect(await twice(run, () => rows.eraseWorkspace(run))).toEqual({ purged: true });
    expect(await kit.database.workspace.count({ where: { id: run.workspaceId } })).toBe(0);
    expect(await kit.database.workspaceSecret.count({ where: { workspaceId: run.workspaceId } })).toBe(0);
    expect(await boxesOf(run.workspaceId)).toHaveLength(1);
    expect((await workspace(child)).parentId).toBeNull();
  });

  test('that purged ends as succeeded though its task runs again from the start', async () => {
    const run = await removed({ purge: true });
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
    planErase: (run) => rows.planErase(run),
    eraseWorkspace: (run) => rows.eraseWorkspace(run),
    oweBoxes: async (run) => (await rows.oweBoxes({ ...run, hosts: ['here'], reason: 'late' })) ?? null,
  };
  const losses: Record<string, (run: RunRef) => Promise<RunRef>> = {
    'has been superseded': async (run) => {
      await kit.database.operation.update({ where: { id: run.operationId }, data: { state: 'superseded' } });
      return run;
    },
    'no longer owns the workspace': async (run) => {
      await kit.database.workspace.update({ where: { id: run.workspaceId }, data: { operationId: randomUUID() } });
      return run;
    },
    'is another run': (run) => Promise.resolve({ ...run, runId: randomUUID() }),
  };
  const pairs = Object.keys(steps).flatMap((step) => Object.keys(losses).map((loss) => ({ step, loss })));

  test.each(pairs)('$step does nothing for a run that $loss', async ({ step, loss }) => {
    const run = await provisioning();
    await givenBox(kit.database, run, { state: 'stopping' });
    await givenBox(kit.database, run, { state: 'running', current: true });
    const loser = await losses[loss]!(run);
    const before = await everythingOf(kit.database, run.workspaceId);
    expect(await steps[step]!(loser)).toBeNull();
    expect(await everythingOf(kit.database, run.workspaceId)).toEqual(before);
  });
});
