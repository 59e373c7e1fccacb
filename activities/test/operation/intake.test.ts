import { takeIn } from '@holdfast/activities/operation/intake';
import { lockWorkspace } from '@holdfast/activities/workspace/workspace-row';
import { type TestDatabase, testDatabase } from '@holdfast/infra/testing/index';
import {
  type Decision,
  intakeMatrix,
  type RequestableKind,
  requestableKinds,
} from '@holdfast/workflows/operation/matrix';
import type { OperationKind } from '@holdfast/workflows/operation/operation';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { givenWorkspace } from '../given-workspace.ts';
import { everythingOf, givenOperation, givenOwner, thrownBy } from './given-operation.ts';

let kit: TestDatabase;
beforeAll(async () => {
  kit = await testDatabase();
});
afterAll(() => kit.dispose());

const request = (workspaceId: string, kind: RequestableKind) =>
  kit.database.$transaction(async (tx) => {
    const workspace = await lockWorkspace(tx, workspaceId);
    return takeIn(tx, workspace!, { kind, actor: 'test', reason: 'a test', facts: { n: 1 } });
  });
const operation = (id: string) => kit.database.operation.findUniqueOrThrow({ where: { id } });
const operationsOf = (workspaceId: string) =>
  kit.database.operation.findMany({ where: { workspaceId }, orderBy: { seq: 'asc' } });
const ownerOf = async (id: string) => (await kit.database.workspace.findUniqueOrThrow({ where: { id } })).operationId;

type Cell = { running: OperationKind | 'none'; requested: RequestableKind };
const cells = (wanted: Decision): Cell[] =>
  Object.entries(intakeMatrix).flatMap(([running, row]) =>
    requestableKinds
      .filter((kind) => row[kind] === wanted)
      .map((requested) => ({ running: running as Cell['running'], requested })),
  );

/** A workspace on which `running` runs and a restart waits behind it. */
async function given(running: Cell['running'], queued = true) {
  const workspaceId = await givenWorkspace(kit.database);
  if (running === 'none') return { workspaceId, owner: undefined, waiting: undefined };
  const { operationId: owner } = await givenOwner(kit.database, workspaceId, { kind: running, phase: 'start' });
  const waiting = queued ? await givenOperation(kit.database, workspaceId, { kind: 'restart' }) : undefined;
  return { workspaceId, owner, waiting };
}

describe('a request', () => {
  test('meets every cell of the matrix in the tests below', () => {
    const decisions: Decision[] = [
      'run',
      'preempt',
      'queue',
      'join',
      'joinInsteadOfQueued',
      'refuse',
      'notFound',
      'impossible',
    ];
    const count = decisions.reduce((sum, decision) => sum + cells(decision).length, 0);
    expect(count).toBe(Object.keys(intakeMatrix).length * requestableKinds.length);
  });

  test.each(cells('run'))('$requested becomes the owner of a free workspace', async ({ running, requested }) => {
    const { workspaceId } = await given(running);
    const intake = await request(workspaceId, requested);
    expect(intake.decision).toBe('run');
    expect(await ownerOf(workspaceId)).toBe(intake.operationId);
    expect(await operationsOf(workspaceId)).toMatchObject([
      {
        id: intake.operationId,
        kind: requested,
        state: 'accepted',
        actor: 'test',
        reason: 'a test',
        request: { n: 1 },
        priorStatus: 'online',
        runId: null,
      },
    ]);
  });

  test.each(cells('preempt'))(
    '$requested supersedes a running $running and all that waits',
    async ({ running, requested }) => {
      const { workspaceId, owner, waiting } = await given(running);
      const second = await givenOperation(kit.database, workspaceId, { kind: 'resume' });
      const intake = await request(workspaceId, requested);
      expect(intake.decision).toBe('preempt');
      expect(await ownerOf(workspaceId)).toBe(intake.operationId);
      expect(await operation(intake.operationId)).toMatchObject({ kind: requested, state: 'accepted', endedAt: null });
      for (const id of [owner!, waiting!, second]) {
        expect(await operation(id)).toMatchObject({
          state: 'superseded',
          supersededBy: intake.operationId,
          endedAt: expect.any(Date),
        });
      }
    },
  );

  test.each(cells('queue'))('$requested waits behind a running $running', async ({ running, requested }) => {
    const { workspaceId, owner } = await given(running);
    const intake = await request(workspaceId, requested);
    expect(intake).toMatchObject({ decision: 'queue', behind: owner });
    expect(await ownerOf(workspaceId)).toBe(owner);
    expect(await operation(intake.operationId)).toMatchObject({ kind: requested, state: 'accepted' });
    expect(await operation(owner!)).toMatchObject({ state: 'running', endedAt: null });
  });

  test.each(cells('join'))('$requested is answered by the running $running', async ({ running, requested }) => {
    const { workspaceId, owner } = await given(running);
    const before = await everythingOf(kit.database, workspaceId);
    expect(await request(workspaceId, requested)).toEqual({ decision: 'join', operationId: owner });
    expect(await everythingOf(kit.database, workspaceId)).toEqual(before);
  });

  test.each(cells('joinInsteadOfQueued'))(
    '$requested during $running supersedes what waits and joins',
    async ({ running, requested }) => {
      const { workspaceId, owner, waiting } = await given(running);
      expect(await request(workspaceId, requested)).toEqual({ decision: 'join', operationId: owner });
      expect(await operation(waiting!)).toMatchObject({
        state: 'superseded',
        supersededBy: owner,
        endedAt: expect.any(Date),
      });
      expect(await operation(owner!)).toMatchObject({ state: 'running' });
      expect(await operationsOf(workspaceId)).toHaveLength(2);
    },
  );

  test.each(cells('joinInsteadOfQueued'))(
    '$requested during $running is not found when nothing waits',
    async ({ running, requested }) => {
      const { workspaceId } = await given(running, false);
      await refused(workspaceId, requested, { code: 'WORKSPACE_NOT_FOUND' });
    },
  );

  test.each(cells('refuse'))(
    '$requested is refused with the id, kind and phase of the running $running',
    async ({ running, requested }) => {
      const { workspaceId, owner } = await given(running);
      await refused(workspaceId, requested, {
        code: 'OPERATION_IN_PROGRESS',
        facts: { operation_id: owner, operation_kind: running, phase: 'start' },
      });
    },
  );

  test.each(cells('notFound'))('$requested finds nothing to do while $running runs', async ({ running, requested }) => {
    const { workspaceId } = await given(running);
    await refused(workspaceId, requested, { code: 'WORKSPACE_NOT_FOUND', message: 'workspace not found' });
  });

  test.each(cells('impossible'))(
    '$requested during $running is a defect and writes nothing',
    async ({ running, requested }) => {
      const { workspaceId } = await given(running);
      await refused(workspaceId, requested, { message: `the guards of ${requested} let it meet a running ${running}` });
    },
  );

  async function refused(workspaceId: string, kind: RequestableKind, error: object): Promise<void> {
    const before = await everythingOf(kit.database, workspaceId);
    expect(await thrownBy(request(workspaceId, kind))).toMatchObject(error);
    expect(await everythingOf(kit.database, workspaceId)).toEqual(before);
  }

  test('is decided by an accepted owner as by a running one', async () => {
    const workspaceId = await givenWorkspace(kit.database);
    const first = await request(workspaceId, 'delete');
    expect(await request(workspaceId, 'delete')).toEqual({ decision: 'join', operationId: first.operationId });
    expect(await thrownBy(request(workspaceId, 'restart'))).toMatchObject({ code: 'WORKSPACE_NOT_FOUND' });
  });

  test('is not held up by an owner that has ended', async () => {
    const { workspaceId, owner } = await given('restart', false);
    await kit.database.operation.update({ where: { id: owner! }, data: { state: 'failed' } });
    expect(await request(workspaceId, 'switch')).toMatchObject({ decision: 'run' });
  });

  test('of many at once lets exactly one in and lines the others up behind it', async () => {
    const workspaceId = await givenWorkspace(kit.database);
    const intakes = await Promise.all(Array.from({ length: 20 }, () => request(workspaceId, 'restart')));
    const run = intakes.filter(({ decision }) => decision === 'run');
    expect(run).toHaveLength(1);
    expect(await ownerOf(workspaceId)).toBe(run[0]!.operationId);
    const queued = intakes.filter((intake) => intake.decision === 'queue');
    expect(queued.map(({ behind }) => behind)).toEqual(Array.from({ length: 19 }, () => run[0]!.operationId));
  });

  test('sees what the transaction it waited for has written', async () => {
    const workspaceId = await givenWorkspace(kit.database);
    const rounds = Array.from({ length: 20 }, (_, n) =>
      request(workspaceId, n % 2 === 0 ? 'delete' : 'restart').catch(() => null),
    );
    await Promise.all(rounds);
    const open = (await operationsOf(workspaceId)).filter(({ state }) => state === 'accepted' || state === 'running');
    // Whatever the order was: a delete came in, and after it nothing else did.
    expect(open).toMatchObject([{ kind: 'delete' }]);
    expect(await ownerOf(workspaceId)).toBe(open[0]!.id);
  });
});
