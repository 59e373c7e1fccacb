import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '@holdfast/infra/testing/index';
import { announceOperation } from '@holdfast/activities/operation/notices';
import { addWorkspace, type TestGateway, testGateway } from './support/gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await testGateway({ settings: { answerWaitMs: 60_000 } });
});
afterAll(() => gateway.close());

const remove = (id: string, query = '', headers = {}) =>
  gateway.call('DELETE', `/workspaces/${id}${query}`, { headers });

/** Ends the delete as a worker would. */
async function endDelete(
  workspaceId: string,
  ending: { state: 'succeeded' | 'failed'; failureText?: string },
): Promise<void> {
  const operation = await waitFor(() =>
    gateway.db.operation.findFirst({ where: { workspaceId, kind: 'delete', state: 'accepted' } }),
  );
  await gateway.db.$transaction(async (tx) => {
    await tx.operation.update({ where: { id: operation.id }, data: { ...ending, endedAt: new Date() } });
    await announceOperation(tx, operation.id);
  });
}

test('answers when the operation has ended, long before the wait is over', async () => {
  const id = await addWorkspace(gateway.db);
  const [answer] = await Promise.all([remove(id), endDelete(id, { state: 'succeeded' })]);
  expect(answer.json()).toMatchObject({ status: 'removed', cascade_deleted: 0, operation_id: expect.any(String) });
  expect(await gateway.db.workspace.findUniqueOrThrow({ where: { id } })).toMatchObject({ status: 'removed', url: '' });
  expect(gateway.poked).toContain(id);
});

test('says purged when the data was erased as well', async () => {
  const id = await addWorkspace(gateway.db);
  const [answer] = await Promise.all([remove(id, '?purge=true'), endDelete(id, { state: 'succeeded' })]);
  expect(answer.json()).toMatchObject({ status: 'purged', cascade_deleted: 0 });
});

test('answers 500 with both counts when a box could not be stopped; the row stays removed', async () => {
  const id = await addWorkspace(gateway.db);
  const [answer] = await Promise.all([
    remove(id),
    endDelete(id, { state: 'failed', failureText: 'box 1: engine away' }),
  ]);
  expect(answer.statusCode).toBe(500);
  expect(answer.json()).toMatchObject({
    error: 'workspace marked removed, but 1 stop call(s) failed — please retry: box 1: engine away',
    removed_count: 1,
    stop_failures: 1,
    code: 'DELETE_INCOMPLETE',
  });
  expect((await gateway.db.workspace.findUniqueOrThrow({ where: { id } })).status).toBe('removed');
});

test('answers success with the operation when it takes longer than the caller waits', async () => {
  const impatient = await testGateway({
    database: { url: gateway.url, database: gateway.db },
    settings: { answerWaitMs: 50 },
  });
  const id = await addWorkspace(gateway.db);
  const answer = await impatient.call('DELETE', `/workspaces/${id}`);
  expect(answer.json()).toMatchObject({ status: 'removed', operation_id: expect.any(String) });
  await impatient.app.close();
});

test('a repetition under one key joins the same operation and gets its outcome', async () => {
  const id = await addWorkspace(gateway.db);
  const headers = { 'idempotency-key': 'delete-once' };
  const [first, second] = await Promise.all([
    remove(id, '', headers),
    remove(id, '', headers),
    endDelete(id, { state: 'succeeded' }),
  ]);
  expect(second.json()).toEqual(first.json());
  expect((await remove(id, '', headers)).json()).toEqual(first.json());
  expect(await gateway.db.operation.count({ where: { workspaceId: id } })).toBe(1);
});

describe('a workspace with children', () => {
  test('is not touched without confirmation', async () => {
    const id = await addWorkspace(gateway.db);
    const child = await addWorkspace(gateway.db, { parentId: id, name: 'the child' });
    const answer = await remove(id);
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({
      status: 'confirmation_required',
      message: expect.any(String),
      children: [{ id: child, name: 'the child' }],
      children_count: 1,
      code: 'CONFIRMATION_REQUIRED',
    });
    expect((await gateway.db.workspace.findUniqueOrThrow({ where: { id } })).status).toBe('online');
  });

  test('cannot be deleted with them yet, and says so', async () => {
    const id = await addWorkspace(gateway.db);
    await addWorkspace(gateway.db, { parentId: id });
    expect((await remove(id, '?confirm=true')).statusCode).toBe(501);
  });
});

test('an unknown id is a success, since it is gone', async () => {
  expect((await remove('5b6f3f0e-1111-4222-8333-944444444444')).json()).toEqual({
    status: 'removed',
    cascade_deleted: 0,
  });
});

test('an id that is no UUID is refused', async () => {
  expect((await remove('nonsense')).json()).toMatchObject({ error: 'invalid workspace ID', status: 400 });
});
