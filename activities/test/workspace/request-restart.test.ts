import { createHash } from 'node:crypto';
import { requestRestart, requestRestartAfter } from '@holdfast/activities/workspace/request-restart';
import { requestResume } from '@holdfast/activities/workspace/resume-workspace';
import type { Refusal } from '@holdfast/activities/failure/refusal';
import { workspaceStatuses } from '@holdfast/workflows/workspace/status';
import { describe, expect, test } from 'vitest';
import { givenWorkspace } from '../given-workspace.ts';
import { everythingOf, givenBox, givenOwner, thrownBy } from '../operation/given-operation.ts';
import { boxesOf, db, eventsOf, operation, useRows, workspace } from '../operation/rows-kit.ts';

useRows();

const restart = (workspaceId: string, more: { template?: string; reset?: boolean } = {}) =>
  db.$transaction((tx) => requestRestart(tx, { workspaceId, actor: 'test', ...more }));
const resume = (workspaceId: string) => db.$transaction((tx) => requestResume(tx, { workspaceId, actor: 'test' }));
const restartAfter = (workspaceId: string, cause: 'change' | 'health' = 'change') =>
  db.$transaction((tx) => requestRestartAfter(tx, { workspaceId, actor: 'test', reason: 'a change', cause }));
const operationsOf = (workspaceId: string) =>
  db.operation.findMany({ where: { workspaceId }, orderBy: { seq: 'asc' } });
const withoutBackends = async <T>(work: () => Promise<T>): Promise<T> => {
  const backends = await db.backend.findMany();
  await db.backend.deleteMany();
  try {
    return await work();
  } finally {
    await db.backend.deleteMany();
    await db.backend.createMany({ data: backends.map(({ host, kind }) => ({ host, kind })) });
  }
};

describe('a restart by hand', () => {
  test('writes its operation, the status, the empty address and one event in one go', async () => {
    const id = await givenWorkspace(db, { url: 'http://box', internalUrl: 'http://inner', tier: 2 });
    const intake = await restart(id, { template: 'crew', reset: true });
    if (intake.noop) throw new Error('the platform runs its box');
    expect(intake.decision).toBe('run');
    expect(await workspace(id)).toMatchObject({ status: 'provisioning', url: '', operationId: intake.operationId });
    expect(await operation(intake.operationId)).toMatchObject({
      kind: 'restart',
      state: 'accepted',
      priorStatus: 'online',
      request: { template: 'crew', reset: true },
    });
    const [event, ...more] = await db.structureEvent.findMany({ where: { workspaceId: id } });
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      eventType: 'WORKSPACE_PROVISIONING',
      payload: { name: 'a workspace', tier: 2, runtime: 'reference' },
    });
  });

  test.each(workspaceStatuses.filter((status) => status !== 'removed'))(
    'is taken from a workspace that is %s',
    async (status) => {
      const id = await givenWorkspace(db, { status });
      expect(await restart(id)).toMatchObject({ noop: false, decision: 'run' });
      expect((await workspace(id)).status).toBe('provisioning');
    },
  );

  test.each([
    ['that was never there', async () => 'e1e1e1e1-0000-4000-8000-000000000000'],
    ['that was removed: incident 43', async () => givenWorkspace(db, { status: 'removed' })],
  ])('does nothing for a workspace %s', async (_, given) => {
    expect(await thrownBy(restart(await given()))).toMatchObject({
      code: 'WORKSPACE_NOT_FOUND',
      message: 'workspace not found',
    });
  });

  test.each([1, 2, 40])('is refused below a workspace that is paused %s levels up', async (levels) => {
    const paused = await givenWorkspace(db, { name: 'team "one"', status: 'paused' });
    let id = paused;
    for (let level = 0; level < levels; level += 1) {
      id = await givenWorkspace(db, { parent: { connect: { id } } });
    }
    const before = await everythingOf(db, id);
    const refusal = (await thrownBy(restart(id))) as Refusal;
    expect(refusal).toMatchObject({
      code: 'PARENT_PAUSED',
      message: 'parent workspace "team "one"" is paused — resume it first',
    });
    expect(await everythingOf(db, id)).toEqual(before);
  });

  test('is taken in a circle, which nobody can make: each of its rows is looked at once', async () => {
    const above = await givenWorkspace(db);
    const id = await givenWorkspace(db, { parent: { connect: { id: above } } });
    await db.workspace.update({ where: { id: above }, data: { parentId: id } });
    expect(await restart(id)).toMatchObject({ noop: false });
  });

  test.each(['hibernated', 'failed', 'offline', 'removed'] as const)(
    'is taken below a workspace that is %s',
    async (status) => {
      const parent = await givenWorkspace(db, { status });
      const id = await givenWorkspace(db, { parent: { connect: { id: parent } } });
      expect(await restart(id)).toMatchObject({ noop: false });
    },
  );

  test.each(['external', 'mock'])('touches nothing of a workspace of runtime %s: incident 45', async (runtime) => {
    const id = await givenWorkspace(db, { runtime });
    await db.workspaceAuthToken.create({
      data: { workspaceId: id, tokenHash: createHash('sha256').update(id).digest(), prefix: 'x' },
    });
    const before = await everythingOf(db, id);
    expect(await restart(id)).toEqual({ noop: true, runtime });
    expect(await everythingOf(db, id)).toEqual(before);
  });

  test('is refused while no worker has ever served a backend', async () => {
    const id = await givenWorkspace(db);
    const refusal = await withoutBackends(() => thrownBy(restart(id)));
    expect(refusal).toMatchObject({ code: 'NO_BACKEND', message: 'provisioner not available' });
    expect(await operationsOf(id)).toEqual([]);
  });

  test.each(['control-plane', 'docker', 'process'])(
    'incident 36: is taken where %s is all there is, and so is a resume',
    async (kind) => {
      const [id, paused] = [await givenWorkspace(db), await givenWorkspace(db, { status: 'paused' })];
      await withoutBackends(async () => {
        await db.backend.create({ data: { host: 'the-only-one', kind } });
        expect(await restart(id)).toMatchObject({ noop: false, decision: 'run' });
        expect((await resume(paused)).members).toMatchObject([{ decision: 'run' }]);
      });
    },
  );

  test('waits for a host that is away instead of being refused', async () => {
    const id = await givenWorkspace(db, { host: 'elsewhere', backend: 'docker' });
    expect(await restart(id)).toMatchObject({ noop: false, decision: 'run' });
  });

  test.each(['provision', 'restart', 'resume', 'wake', 'switch', 'pause', 'hibernate'] as const)(
    'incidents 13 and 14: waits its turn behind a %s and changes nothing until then',
    async (kind) => {
      const id = await givenWorkspace(db, { status: 'provisioning', url: 'http://box' });
      const owner = await givenOwner(db, id, { kind });
      expect(await restart(id)).toMatchObject({ decision: 'queue' });
      expect(await workspace(id)).toMatchObject({ operationId: owner.operationId, url: 'http://box' });
      expect(await eventsOf(id)).toEqual([]);
    },
  );

  test('is taken every time it is asked for: a double click makes two', async () => {
    const id = await givenWorkspace(db);
    const [one, two] = await Promise.all([restart(id), restart(id)]);
    const decisions = [one, two].map((intake) => (intake.noop ? 'noop' : intake.decision)).sort();
    expect(decisions).toEqual(['queue', 'run']);
    expect(await eventsOf(id)).toEqual(['WORKSPACE_PROVISIONING']);
  });
});

describe('a restart that the platform asks for', () => {
  test.each(['paused', 'hibernated', 'removed'] as const)('leaves a workspace alone that is %s', async (status) => {
    const id = await givenWorkspace(db, { status });
    const before = await everythingOf(db, id);
    expect(await restartAfter(id)).toBeNull();
    expect(await everythingOf(db, id)).toEqual(before);
  });

  test.each(['external', 'mock'])('leaves a workspace of runtime %s alone', async (runtime) => {
    expect(await restartAfter(await givenWorkspace(db, { runtime }))).toBeNull();
  });

  test('is not made below a paused workspace, nor without a backend', async () => {
    const parent = await givenWorkspace(db, { status: 'paused' });
    expect(await restartAfter(await givenWorkspace(db, { parent: { connect: { id: parent } } }))).toBeNull();
    const id = await givenWorkspace(db);
    expect(await withoutBackends(() => restartAfter(id))).toBeNull();
  });

  test.each(['online', 'degraded', 'offline', 'failed', 'provisioning', 'hibernating'] as const)(
    'is made for a workspace that is %s',
    async (status) => {
      const id = await givenWorkspace(db, { status });
      expect(await restartAfter(id)).toMatchObject({ operationId: expect.any(String) as string });
    },
  );

  test('after a change is never dropped, however soon after a cycle: incident 10', async () => {
    const id = await givenWorkspace(db);
    const run = await givenOwner(db, id, { kind: 'restart' });
    await givenBox(db, run, { state: 'creating' });
    expect(await restartAfter(id)).not.toBeNull();
    expect(await restartAfter(id)).not.toBeNull();
    expect((await operationsOf(id)).filter(({ state }) => state === 'accepted')).toHaveLength(2);
  });

  test('after a finding about its health is dropped while a box of it may still be coming up: incident 39', async () => {
    const id = await givenWorkspace(db, { status: 'offline' });
    const boxId = await givenBox(db, { operationId: id, workspaceId: id, runId: '' }, { state: 'gone' });
    expect(await restartAfter(id, 'health')).toBeNull();
    await db.box.update({ where: { id: boxId }, data: { createdAt: new Date(Date.now() - 61_000) } });
    expect(await restartAfter(id, 'health')).not.toBeNull();
  });

  test('after a finding about its health is dropped while a bring-up is under way', async () => {
    const id = await givenWorkspace(db, { status: 'provisioning' });
    await givenOwner(db, id, { kind: 'restart' });
    expect(await restartAfter(id, 'health')).toBeNull();
  });
});

test('nothing of a box is touched by any request: that is for the run', async () => {
  const id = await givenWorkspace(db);
  const run = await givenOwner(db, id, { kind: 'provision' });
  await givenBox(db, run, { current: true });
  await db.operation.update({ where: { id: run.operationId }, data: { state: 'succeeded' } });
  await restart(id);
  expect((await boxesOf(id)).map(({ state }) => state)).toEqual(['running']);
  expect((await workspace(id)).boxId).not.toBeNull();
});
