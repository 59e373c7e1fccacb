import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fingerprint } from './support/fingerprint.ts';
import { addWorkspaceToken, type TestGateway, testGateway } from './support/gateway.ts';
import { addBackend, addRunning, statusOf } from './support/given.ts';
import { addOperationOf } from './support/operation.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await testGateway();
  await addBackend(gateway.db);
});
afterAll(() => gateway.close());

const post = (path: string, options: { token?: string; headers?: Record<string, string> } = {}) =>
  gateway.call('POST', path, options);
const refuses = async (path: string, status: number, body: Record<string, unknown>) => {
  const before = await fingerprint(gateway.db);
  const answer = await post(path);
  expect([answer.statusCode, answer.json()]).toEqual([status, expect.objectContaining(body)]);
  expect(await fingerprint(gateway.db)).toBe(before);
};
const rowOf = (id: string) => gateway.db.operation.findUniqueOrThrow({ where: { id } });
const restart = async (id: string) =>
  (await post(`/workspaces/${id}/restart`)).json<{ operation_id: string }>().operation_id;
async function ended(columns: Record<string, unknown>) {
  const { operationId, workspaceId } = await addOperationOf(gateway.db);
  await gateway.db.operation.update({ where: { id: operationId }, data: { endedAt: new Date(), ...columns } });
  return { operationId, workspaceId };
}

describe('cancel', () => {
  test('ends one that has not begun at once', async () => {
    const { id } = await addRunning(gateway.db);
    const operationId = await restart(id);
    const answer = await post(`/operations/${operationId}/cancel`);
    expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'cancelled', operation_id: operationId }]);
    expect(await rowOf(operationId)).toMatchObject({ state: 'cancelled', cancelledBy: 'admin-token' });
    expect(await statusOf(gateway.db, id)).toBe('failed');
  });

  test('of one that waits leaves the one that runs alone', async () => {
    const { id } = await addRunning(gateway.db);
    const [first, second] = [await restart(id), await restart(id)];
    expect((await post(`/operations/${second}/cancel`)).json()).toMatchObject({ status: 'cancelled' });
    expect((await rowOf(first)).state).toBe('accepted');
    expect(await statusOf(gateway.db, id)).toBe('provisioning');
  });

  test('tells one that runs to come to its end, twice if need be, and pokes it', async () => {
    const { operationId, workspaceId } = await addOperationOf(gateway.db);
    for (const _ of [1, 2]) {
      const answer = await post(`/operations/${operationId}/cancel`);
      expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'cancelling', operation_id: operationId }]);
    }
    const shown = (await gateway.call('GET', `/operations/${operationId}`)).json();
    expect(shown).toMatchObject({ state: 'running', cancel_requested_at: expect.any(String) });
    expect(gateway.poked).toContain(workspaceId);
  });

  test.each(['succeeded', 'failed', 'cancelled', 'superseded', 'coalesced', 'compensated'] as const)(
    'is refused for one that has ended: %s',
    async (state) => {
      const { operationId } = await ended({ state });
      const error = `the operation has ended: ${state}`;
      await refuses(`/operations/${operationId}/cancel`, 409, { error, code: 'OPERATION_NOT_CANCELLABLE' });
    },
  );

  test.each(['pause', 'delete'] as const)('is refused for a %s', async (kind) => {
    const { operationId } = await addOperationOf(gateway.db);
    await gateway.db.operation.update({ where: { id: operationId }, data: { kind } });
    await refuses(`/operations/${operationId}/cancel`, 409, { error: `a ${kind} cannot be cancelled` });
  });

  test('under one key gives the answer of the first', async () => {
    const { id } = await addRunning(gateway.db);
    const operationId = await restart(id);
    const headers = { 'idempotency-key': randomUUID() };
    const answers = await Promise.all(
      Array.from({ length: 3 }, () => post(`/operations/${operationId}/cancel`, { headers })),
    );
    expect(answers.map((answer) => answer.body)).toEqual(Array.from({ length: 3 }, () => answers[0]?.body));
    expect((await post(`/operations/${operationId}/cancel`)).statusCode).toBe(409);
  });
});

describe('retry', () => {
  test.each(['failed', 'cancelled'] as const)('does again what has %s', async (state) => {
    const { operationId, workspaceId } = await ended({ state, request: { reset: true } });
    const answer = await post(`/operations/${operationId}/retry`);
    const again = answer.json<{ operation_id: string }>().operation_id;
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { status: 'accepted', operation_id: again, retries: operationId },
    ]);
    expect(await rowOf(again)).toMatchObject({
      workspaceId,
      kind: 'restart',
      state: 'accepted',
      request: { reset: true },
    });
    expect((await rowOf(again)).reason).toContain(operationId);
    expect(gateway.poked).toContain(workspaceId);
  });

  test('of many at once makes one', async () => {
    const { operationId, workspaceId } = await ended({ state: 'failed' });
    const answers = await Promise.all(Array.from({ length: 4 }, () => post(`/operations/${operationId}/retry`)));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409, 409, 409]);
    expect(await gateway.db.operation.count({ where: { workspaceId } })).toBe(2);
  });

  test('of a delete of a tree pokes the tree', async () => {
    const { id } = await addRunning(gateway.db, { status: 'removed' });
    await addRunning(gateway.db, { status: 'removed', parentId: id });
    const { operationId } = await ended({ kind: 'delete', state: 'failed', workspaceId: id, treeRoot: id });
    expect((await post(`/operations/${operationId}/retry`)).json()).toMatchObject({ status: 'accepted' });
    expect(gateway.poked).toContain(`tree ${id}`);
  });

  test.each(['succeeded', 'superseded', 'coalesced', 'running', 'accepted'] as const)(
    'is refused for one that is %s',
    async (state) => {
      const { operationId } = await ended({ state });
      await refuses(`/operations/${operationId}/retry`, 409, { code: 'OPERATION_NOT_RETRYABLE' });
    },
  );

  test('is refused as its verb is: of a workspace that was removed since', async () => {
    const { operationId, workspaceId } = await ended({ state: 'failed' });
    await gateway.db.workspace.update({ where: { id: workspaceId }, data: { status: 'removed' } });
    await refuses(`/operations/${operationId}/retry`, 404, { error: 'workspace not found' });
  });
});

test.each(['cancel', 'retry'])('%s is for operators, and 404 for what is not there', async (verb) => {
  const { operationId, workspaceId } = await addOperationOf(gateway.db);
  const token = await addWorkspaceToken(gateway.db, workspaceId);
  expect((await post(`/operations/${operationId}/${verb}`, { token })).statusCode).toBe(401);
  await refuses(`/operations/${randomUUID()}/${verb}`, 404, { error: 'operation not found' });
  await refuses(`/operations/nonsense/${verb}`, 400, { error: 'invalid operation ID' });
});
