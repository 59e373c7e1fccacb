import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addWorkspace, type TestGateway, testGateway } from './support/gateway.ts';
import { fingerprint } from './support/fingerprint.ts';
import { addBackend, addRunning, endOperation, statusOf } from './support/given.ts';

let gateway: TestGateway;
let impatient: TestGateway;
beforeAll(async () => {
  gateway = await testGateway({ settings: { answerWaitMs: 60_000 } });
  impatient = await testGateway({
    database: { url: gateway.url, database: gateway.db },
    settings: { answerWaitMs: 50 },
  });
  await addBackend(gateway.db);
});
afterAll(async () => {
  await impatient.app.close();
  await gateway.close();
});

const hibernate = (id: string, query = '', headers = {}, on = gateway) =>
  on.call('POST', `/workspaces/${id}/hibernate${query}`, { headers });
const refuses = async (url: string, status: number, body: Record<string, unknown>) => {
  const before = await fingerprint(gateway.db);
  const answer = await gateway.call('POST', url);
  expect([answer.statusCode, answer.json()]).toEqual([status, expect.objectContaining(body)]);
  expect(await fingerprint(gateway.db)).toBe(before);
};

describe('hibernate', () => {
  test('says hibernated when the box is known to be stopped', async () => {
    const { id } = await addRunning(gateway.db);
    const [answer, operationId] = await Promise.all([
      hibernate(id),
      endOperation(gateway.db, { workspaceId: id, kind: 'hibernate' }),
    ]);
    expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'hibernated', operation_id: operationId }]);
    expect(gateway.poked).toContain(id);
  });

  test('says hibernating when that takes longer than the caller waits', async () => {
    const { id } = await addRunning(gateway.db);
    const answer = await hibernate(id, '', {}, impatient);
    expect(answer.json()).toEqual({ status: 'hibernating', operation_id: expect.any(String) });
    expect(await statusOf(gateway.db, id)).toBe('hibernating');
  });

  test.each([
    ['failed', { state: 'failed', failureCode: 'HIBERNATE_FAILED', failureText: 'the engine is away' } as const],
    ['cancelled', { state: 'cancelled', failureText: 'cancelled' } as const],
  ])('is 500 when it has %s', async (_what, ending) => {
    const { id } = await addRunning(gateway.db);
    const [answer, operationId] = await Promise.all([
      hibernate(id),
      endOperation(gateway.db, { workspaceId: id, kind: 'hibernate' }, ending),
    ]);
    expect([answer.statusCode, answer.json()]).toEqual([
      500,
      expect.objectContaining({ error: ending.failureText, code: 'HIBERNATE_FAILED', operation_id: operationId }),
    ]);
  });

  test('is 409 with the operation that took the workspace away', async () => {
    const { id } = await addRunning(gateway.db);
    const by = randomUUID();
    const [answer] = await Promise.all([
      hibernate(id),
      endOperation(gateway.db, { workspaceId: id, kind: 'hibernate' }, { state: 'superseded', supersededBy: by }),
    ]);
    expect([answer.statusCode, answer.json()['operation_id']]).toEqual([409, by]);
  });

  test('asks for force while tasks are active, and zeroes them with it', async () => {
    const { id } = await addRunning(gateway.db, { activeTasks: 3 });
    await refuses(`/workspaces/${id}/hibernate`, 409, {
      error: 'workspace has active tasks; use ?force=true to terminate them',
      active_tasks: 3,
      code: 'ACTIVE_TASKS',
    });
    await refuses(`/workspaces/${id}/hibernate?force=1`, 409, { active_tasks: 3 });
    expect((await hibernate(id, '?force=true', {}, impatient)).json()).toMatchObject({ status: 'hibernating' });
    expect((await gateway.db.workspace.findUniqueOrThrow({ where: { id } })).activeTasks).toBe(0);
  });

  test.each([
    'provisioning',
    'offline',
    'failed',
    'paused',
    'hibernating',
    'hibernated',
    'awaiting_agent',
    'removed',
  ] as const)('is 404 for one that is %s', async (status) => {
    const { id } = await addRunning(gateway.db, { status });
    const error = 'workspace not found or not in a hibernatable state (must be online or degraded)';
    await refuses(`/workspaces/${id}/hibernate`, 404, { error });
  });

  test('is 404 for one that is not there, has no box of ours, or is being changed', async () => {
    const { id: busy } = await addRunning(gateway.db);
    await gateway.call('POST', `/workspaces/${busy}/restart`);
    const external = await addWorkspace(gateway.db, { runtime: 'external' });
    for (const id of [randomUUID(), external, busy])
      await refuses(`/workspaces/${id}/hibernate`, 404, { code: 'WORKSPACE_NOT_FOUND' });
  });

  test('a repetition under one key, meanwhile or later, gets the outcome of the first', async () => {
    const { id } = await addRunning(gateway.db);
    const headers = { 'idempotency-key': randomUUID() };
    const [first, second] = await Promise.all([
      hibernate(id, '', headers),
      hibernate(id, '', headers),
      endOperation(gateway.db, { workspaceId: id, kind: 'hibernate' }),
    ]);
    const third = await hibernate(id, '', headers);
    for (const answer of [second, third]) expect(answer.json()).toEqual(first.json());
    expect(first.json()['status']).toBe('hibernated');
    expect(await gateway.db.operation.count({ where: { workspaceId: id } })).toBe(1);
  });
});

describe('wake', () => {
  test('brings a hibernated one up; of many at once all get the same operation', async () => {
    const { id } = await addRunning(gateway.db, { status: 'hibernated' });
    const answers = await Promise.all(Array.from({ length: 5 }, () => gateway.call('POST', `/workspaces/${id}/wake`)));
    const [operation] = await gateway.db.operation.findMany({ where: { workspaceId: id } });
    for (const answer of answers)
      expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'waking', operation_id: operation?.id }]);
    expect(operation?.kind).toBe('wake');
    expect(await statusOf(gateway.db, id)).toBe('provisioning');
    expect(gateway.poked).toContain(id);
  });

  test.each(['online', 'offline', 'failed', 'paused', 'removed'] as const)(
    'is 404 for one that is %s',
    async (status) => {
      const { id } = await addRunning(gateway.db, { status });
      await refuses(`/workspaces/${id}/wake`, 404, { error: 'workspace not found or not hibernated' });
    },
  );

  test('is 409 below a paused one', async () => {
    const parentId = await addWorkspace(gateway.db, { name: 'top', status: 'paused' });
    const { id } = await addRunning(gateway.db, { status: 'hibernated', parentId });
    await refuses(`/workspaces/${id}/wake`, 409, { error: 'parent workspace "top" is paused — resume it first' });
  });
});
