import { randomBytes, randomUUID } from 'node:crypto';
import { defaultOperationSettings } from '@holdfast/workflows/operation/operation';
import type { RunRef } from '@holdfast/workflows/operation/ports';
import { describe, expect, test } from 'vitest';
import { givenWorkspace } from '../given-workspace.ts';
import { everythingOf, givenBox, givenOperation } from './given-operation.ts';
import {
  boxesOf,
  cipher,
  db,
  eventsOf,
  operation,
  place,
  provisioning,
  rows,
  twice,
  useRows,
  workspace,
} from './rows-kit.ts';

useRows();

describe('begin', () => {
  async function accepted(): Promise<RunRef> {
    const workspaceId = await givenWorkspace(db, { status: 'provisioning' });
    const operationId = await givenOperation(db, workspaceId, { kind: 'provision' });
    await db.workspace.update({ where: { id: workspaceId }, data: { operationId } });
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
      await db.operation.update({ where: { id: run.operationId }, data: { state } });
      const before = await everythingOf(db, run.workspaceId);
      expect(await rows.beginOperation(run)).toBeNull();
      expect(await everythingOf(db, run.workspaceId)).toEqual(before);
    },
  );

  test('refuses an operation that waits behind another', async () => {
    const run = await provisioning();
    const waiting = await givenOperation(db, run.workspaceId, { kind: 'restart' });
    expect(await rows.beginOperation({ ...run, operationId: waiting, runId: randomUUID() })).toBeNull();
    expect(await operation(waiting)).toMatchObject({ state: 'accepted', runId: null });
  });

  test('starts the patience of the dispatcher anew', async () => {
    const run = await accepted();
    await db.operation.update({
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
    const waiting = await Promise.all(kinds.map((kind) => givenOperation(db, run.workspaceId, { kind })));
    const cycle = await twice(run, () => rows.beginCycle({ ...run, cycle: 1 }));
    expect(cycle).toEqual({
      cycle: 1,
      hostsToSettle: [],
      place,
      provider: 'process',
      deadlineMs: 600_000,
      runtime: 'reference',
    });
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
    const late = await givenOperation(db, run.workspaceId, { kind: 'restart' });
    await rows.beginCycle({ ...run, cycle: 1 });
    expect(await operation(late)).toMatchObject({ state: 'accepted' });
    await twice(run, () => rows.beginCycle({ ...run, cycle: 2 }));
    expect(await operation(late)).toMatchObject({ state: 'coalesced', coalescedCycle: 2 });
    expect(await eventsOf(run.workspaceId)).toEqual(['WORKSPACE_PROVISIONING']);
  });

  test('leaves a delete that waits alone', async () => {
    const run = await provisioning();
    const waiting = await givenOperation(db, run.workspaceId, { kind: 'delete' });
    await rows.beginCycle({ ...run, cycle: 1 });
    expect(await operation(waiting)).toMatchObject({ state: 'accepted' });
  });

  test('names the hosts of the boxes that are not gone, but not of its own', async () => {
    const run = await provisioning();
    const before = { ...run, operationId: randomUUID() };
    await givenBox(db, before, { state: 'owed', host: 'b' });
    await givenBox(db, before, { state: 'gone', host: 'c' });
    await givenBox(db, run, { state: 'creating', host: 'd', cycle: 1 });
    expect(await rows.beginCycle({ ...run, cycle: 1 })).toMatchObject({ hostsToSettle: ['b'] });
  });

  test('gives a runtime its own deadline and writes it down', async () => {
    const run = await provisioning();
    await db.workspace.update({ where: { id: run.workspaceId }, data: { runtime: 'hermes' } });
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
    const everything = JSON.stringify(await everythingOf(db, run.workspaceId));
    for (const secret of [token, nonce, inboundSecret]) {
      expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(everything).not.toContain(secret);
    }
  });

  test('ends the tokens of agents and keeps those that people made', async () => {
    const run = await provisioning();
    for (const purpose of ['agent', 'user'] as const) {
      const tokenHash = Uint8Array.from(randomBytes(32));
      await db.workspaceAuthToken.create({
        data: { workspaceId: run.workspaceId, tokenHash, prefix: purpose, purpose },
      });
    }
    const { boxId } = (await rows.mintBox({ ...run, cycle: 1, ...place }))!;
    const live = await db.workspaceAuthToken.findMany({
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
    await db.workspace.update({ where: { id: run.workspaceId }, data: { status: 'online' } });
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
