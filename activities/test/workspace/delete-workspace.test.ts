import { randomBytes, randomUUID } from 'node:crypto';
import { type DeleteIntake, requestDelete } from '@holdfast/activities/workspace/delete-workspace';
import { type TestDatabase, testDatabase } from '@holdfast/infra/testing/index';
import { workspaceStatuses } from '@holdfast/workflows/workspace/status';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { givenWorkspace } from '../given-workspace.ts';
import { everythingOf, givenBox, givenOperation, givenOwner, thrownBy } from '../operation/given-operation.ts';

let kit: TestDatabase;
beforeAll(async () => {
  kit = await testDatabase();
});
afterAll(() => kit.dispose());

const request = (workspaceId: string, wanted: { purge?: boolean; confirm?: boolean } = {}) =>
  kit.database.$transaction((tx) =>
    requestDelete(tx, { workspaceId, confirm: false, purge: false, actor: 'admin', ...wanted }),
  );
const row = (id: string) => kit.database.workspace.findUniqueOrThrow({ where: { id } });
const operationsOf = (workspaceId: string) =>
  kit.database.operation.findMany({ where: { workspaceId }, orderBy: { seq: 'asc' } });
const removals = (workspaceId: string) =>
  kit.database.structureEvent.count({ where: { workspaceId, eventType: 'WORKSPACE_REMOVED' } });
/** The operation that names the request. */
const treeOf = (intake: DeleteIntake): string | null => {
  if (intake.settled) throw new Error('there is something to delete');
  return intake.treeId;
};
const living = workspaceStatuses.filter((status) => status !== 'removed');

/** The operation of a box that an earlier, failed delete has left. */
async function pastDelete(workspaceId: string) {
  const operationId = await givenOperation(kit.database, workspaceId, { kind: 'delete', state: 'failed' });
  return { workspaceId, operationId, runId: 'past' };
}

describe('a delete', () => {
  test.each(living)('marks a workspace that is %s removed before anything is stopped', async (status) => {
    const id = await givenWorkspace(kit.database, { status, url: 'http://x', livenessExpiresAt: new Date() });
    await kit.database.canvasLayout.create({ data: { workspaceId: id } });
    const tokenHash = Uint8Array.from(randomBytes(32));
    await kit.database.workspaceAuthToken.create({ data: { workspaceId: id, tokenHash, prefix: 'p' } });
    const intake = await request(id);
    if (intake.settled) throw new Error('there is something to delete');
    expect(await row(id)).toMatchObject({
      status: 'removed',
      operationId: intake.treeId,
      url: '',
      livenessExpiresAt: null,
      removedAt: expect.any(Date),
    });
    expect(await operationsOf(id)).toMatchObject([
      {
        id: intake.treeId,
        kind: 'delete',
        state: 'accepted',
        priorStatus: status,
        request: { purge: false },
      },
    ]);
    expect(await kit.database.canvasLayout.count({ where: { workspaceId: id } })).toBe(0);
    expect(await kit.database.workspaceAuthToken.count({ where: { workspaceId: id, revokedAt: null } })).toBe(0);
    expect(await removals(id)).toBe(1);
  });

  test('of what is not there is a success without a trace', async () => {
    const id = randomUUID();
    expect(await request(id)).toEqual({ settled: true });
    expect(await operationsOf(id)).toEqual([]);
  });

  test('repeated while it runs joins it and tells nothing twice', async () => {
    const id = await givenWorkspace(kit.database);
    const first = await request(id);
    const before = await everythingOf(kit.database, id);
    expect(treeOf(await request(id))).toBe(treeOf(first));
    expect(await everythingOf(kit.database, id)).toEqual(before);
  });

  test('repeated after it left nothing is settled', async () => {
    const id = await givenWorkspace(kit.database, { status: 'removed' });
    await givenBox(kit.database, await pastDelete(id), { state: 'gone' });
    expect(await request(id)).toEqual({ settled: true });
  });

  test.each(['owed', 'stopping', 'running'] as const)('repeated while a box is %s tries again', async (state) => {
    const id = await givenWorkspace(kit.database, { status: 'removed' });
    await givenBox(kit.database, await pastDelete(id), { state });
    expect(await request(id)).toMatchObject({ settled: false });
    expect(await removals(id)).toBe(0);
  });

  test('incident 12: supersedes what runs and what waits', async () => {
    const id = await givenWorkspace(kit.database, { status: 'provisioning' });
    const run = await givenOwner(kit.database, id, { kind: 'provision' });
    await givenOperation(kit.database, id, { kind: 'restart' });
    const intake = await request(id);
    if (intake.settled) throw new Error('there is something to delete');
    expect(await operationsOf(id)).toMatchObject([
      { id: run.operationId, state: 'superseded', supersededBy: intake.treeId },
      { kind: 'restart', state: 'superseded', supersededBy: intake.treeId },
      { id: intake.treeId, state: 'accepted' },
    ]);
  });
});

describe('a purge', () => {
  test('is done also when the workspace was removed before', async () => {
    const id = await givenWorkspace(kit.database, { status: 'removed' });
    const intake = await request(id, { purge: true });
    expect(intake.settled).toBe(false);
    expect(await operationsOf(id)).toMatchObject([{ kind: 'delete', request: { purge: true } }]);
  });

  test('is not lost behind a delete that does not purge', async () => {
    const id = await givenWorkspace(kit.database);
    const plain = await request(id);
    const purge = await request(id, { purge: true });
    expect(treeOf(purge)).not.toBe(treeOf(plain));
    expect(await operationsOf(id)).toMatchObject([
      { kind: 'delete', state: 'accepted', request: { purge: false } },
      { kind: 'delete', state: 'accepted', request: { purge: true } },
    ]);
    expect((await row(id)).operationId).toBe(treeOf(plain));
    // Further ones join the two that are there.
    expect(treeOf(await request(id, { purge: true }))).toBe(treeOf(purge));
    expect(treeOf(await request(id))).toBe(treeOf(plain));
    expect(await operationsOf(id)).toHaveLength(2);
  });

  test('that runs takes in a delete and another purge', async () => {
    const id = await givenWorkspace(kit.database);
    const purge = await request(id, { purge: true });
    expect(treeOf(await request(id, { purge: true }))).toBe(treeOf(purge));
    expect(treeOf(await request(id))).toBe(treeOf(purge));
    expect(await operationsOf(id)).toHaveLength(1);
  });
});

describe('a workspace with children', () => {
  async function family() {
    const id = await givenWorkspace(kit.database);
    const parent = { connect: { id } };
    const first = await givenWorkspace(kit.database, { name: 'first', parent, createdAt: new Date(1_000) });
    const second = await givenWorkspace(kit.database, { name: 'second', parent, createdAt: new Date(2_000) });
    await givenWorkspace(kit.database, { name: 'gone', parent, status: 'removed' });
    const children = [
      { id: first, name: 'first' },
      { id: second, name: 'second' },
    ];
    return { id, children };
  }

  test('is not deleted without a confirmation, and the answer names them', async () => {
    const { id, children } = await family();
    const before = await everythingOf(kit.database, id);
    expect(await thrownBy(request(id))).toMatchObject({
      code: 'CONFIRMATION_REQUIRED',
      facts: {
        status: 'confirmation_required',
        message: expect.stringContaining('2 child'),
        children,
        children_count: 2,
      },
    });
    expect(await everythingOf(kit.database, id)).toEqual(before);
  });

  test('is deleted once they are removed', async () => {
    const { id, children } = await family();
    for (const child of children) await request(child.id);
    expect(await request(id)).toMatchObject({ settled: false });
  });
});
