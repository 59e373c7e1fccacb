import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addWorkspace, type TestGateway, testGateway } from './support/gateway.ts';
import { addBackend, addRunning, statusOf } from './support/given.ts';
import { addOperationOf } from './support/operation.ts';
import { type Planner, planner, type Rehearsed } from './support/plan.ts';

let gateway: TestGateway;
let rehearsals: Planner;
beforeAll(async () => {
  gateway = await testGateway();
  await addBackend(gateway.db);
  rehearsals = await planner(gateway);
});
afterAll(async () => {
  await rehearsals.close();
  await gateway.close();
});

interface Verb extends Rehearsed {
  readonly verb: string;
  readonly status: string;
  readonly targets: readonly Record<string, unknown>[];
}

const bringUp = ['begin', 'cycle', 'prepare', 'begin settle', 'settle', 'owe', 'mint', 'start', 'await', 'finish'];

/** Every verb with something it would do. */
const verbs: Record<string, () => Promise<Verb>> = {
  create: async () => ({
    verb: 'create',
    method: 'POST',
    path: '/workspaces',
    body: { name: 'planned', secrets: { A_KEY: 'a value' } },
    status: 'provisioning',
    targets: [
      {
        name: 'planned',
        status: 'provisioning',
        decision: 'run',
        operation_kind: 'provision',
        steps: bringUp,
        boxes: [],
      },
    ],
  }),
  'create, external': async () => ({
    verb: 'create',
    method: 'POST',
    path: '/workspaces',
    body: { name: 'outside', external: true },
    status: 'awaiting_agent',
    targets: [{ status: 'awaiting_agent', decision: 'direct', operation_kind: null, steps: [] }],
  }),
  restart: async () => {
    const { id, boxId } = await addRunning(gateway.db, { name: 'mine' });
    return {
      verb: 'restart',
      method: 'POST',
      path: `/workspaces/${id}/restart`,
      body: { reset: true },
      status: 'provisioning',
      targets: [
        {
          workspace_id: id,
          name: 'mine',
          status: 'provisioning',
          decision: 'run',
          operation_kind: 'restart',
          steps: bringUp,
          boxes: [{ id: boxId, backend: 'process', host: 'a-host', state: 'running' }],
        },
      ],
    };
  },
  'restart, behind another': async () => {
    const { id } = await addRunning(gateway.db);
    await gateway.call('POST', `/workspaces/${id}/restart`);
    const targets = [{ workspace_id: id, decision: 'queue', operation_kind: 'restart' }];
    return { verb: 'restart', method: 'POST', path: `/workspaces/${id}/restart`, status: 'provisioning', targets };
  },
  'restart of what has no box of ours': async () => {
    const id = await addWorkspace(gateway.db, { runtime: 'external' });
    return { verb: 'restart', method: 'POST', path: `/workspaces/${id}/restart`, status: 'noop', targets: [] };
  },
  pause: async () => {
    const { id } = await addRunning(gateway.db);
    const { id: child } = await addRunning(gateway.db, { parentId: id });
    await gateway.call('POST', `/workspaces/${child}/restart`);
    return {
      verb: 'pause',
      method: 'POST',
      path: `/workspaces/${id}/pause`,
      status: 'paused',
      targets: [
        { workspace_id: id, status: 'paused', decision: 'run', operation_kind: 'pause' },
        { workspace_id: child, status: 'paused', decision: 'preempt', operation_kind: 'pause' },
      ],
    };
  },
  resume: async () => {
    const { id } = await addRunning(gateway.db, { status: 'paused' });
    const child = await addWorkspace(gateway.db, { status: 'paused', runtime: 'external', parentId: id });
    return {
      verb: 'resume',
      method: 'POST',
      path: `/workspaces/${id}/resume`,
      status: 'provisioning',
      targets: [
        { workspace_id: id, status: 'provisioning', decision: 'run', operation_kind: 'resume' },
        { workspace_id: child, status: 'awaiting_agent', decision: 'direct', operation_kind: null, steps: [] },
      ],
    };
  },
  hibernate: async () => {
    const { id } = await addRunning(gateway.db);
    return {
      verb: 'hibernate',
      method: 'POST',
      path: `/workspaces/${id}/hibernate`,
      status: 'hibernated',
      targets: [
        {
          workspace_id: id,
          status: 'hibernating',
          decision: 'run',
          steps: ['begin', 'begin settle', 'settle', 'owe', 'conclude', 'finish'],
        },
      ],
    };
  },
  wake: async () => {
    const { id } = await addRunning(gateway.db, { status: 'hibernated' });
    const targets = [{ workspace_id: id, status: 'provisioning', decision: 'run', operation_kind: 'wake' }];
    return { verb: 'wake', method: 'POST', path: `/workspaces/${id}/wake`, status: 'waking', targets };
  },
  'wake of what comes up already': async () => {
    const { id } = await addRunning(gateway.db, { status: 'hibernated' });
    await gateway.call('POST', `/workspaces/${id}/wake`);
    const targets = [{ workspace_id: id, status: 'provisioning', decision: 'join', operation_kind: 'wake' }];
    return { verb: 'wake', method: 'POST', path: `/workspaces/${id}/wake`, status: 'waking', targets };
  },
  collapse: async () => {
    const { id } = await addRunning(gateway.db);
    const { id: child } = await addRunning(gateway.db, { parentId: id });
    const targets = [{ workspace_id: child, status: 'removed', decision: 'run', operation_kind: 'delete' }];
    return { verb: 'collapse', method: 'POST', path: `/workspaces/${id}/collapse`, status: 'collapsed', targets };
  },
  delete: async () => {
    const { id, boxId } = await addRunning(gateway.db);
    const { id: child } = await addRunning(gateway.db, { parentId: id });
    return {
      verb: 'delete',
      method: 'DELETE',
      path: `/workspaces/${id}`,
      query: '&confirm=true&purge=true',
      status: 'purged',
      targets: [
        { workspace_id: id, status: 'removed', decision: 'run', boxes: [{ id: boxId, state: 'running' }] },
        { workspace_id: child, status: 'removed', decision: 'run', operation_kind: 'delete' },
      ],
    };
  },
  'delete of the absent': async () => ({
    verb: 'delete',
    method: 'DELETE',
    path: `/workspaces/${randomUUID()}`,
    status: 'removed',
    targets: [],
  }),
  'cancel of one that waits': async () => {
    const { id } = await addRunning(gateway.db);
    await gateway.call('POST', `/workspaces/${id}/restart`);
    const operation = (await gateway.call('POST', `/workspaces/${id}/restart`)).json()['operation_id'];
    const targets = [{ workspace_id: id, decision: 'direct', operation_kind: 'restart' }];
    return { verb: 'cancel', method: 'POST', path: `/operations/${operation}/cancel`, status: 'cancelled', targets };
  },
  'cancel of one that runs': async () => {
    const { operationId, workspaceId } = await addOperationOf(gateway.db);
    const targets = [{ workspace_id: workspaceId, decision: 'join', operation_kind: 'restart' }];
    return { verb: 'cancel', method: 'POST', path: `/operations/${operationId}/cancel`, status: 'cancelling', targets };
  },
  retry: async () => {
    const { operationId, workspaceId } = await addOperationOf(gateway.db);
    await gateway.db.operation.update({ where: { id: operationId }, data: { state: 'failed', endedAt: new Date() } });
    const targets = [{ workspace_id: workspaceId, status: 'provisioning', decision: 'run', operation_kind: 'restart' }];
    return { verb: 'retry', method: 'POST', path: `/operations/${operationId}/retry`, status: 'accepted', targets };
  },
};

describe('tells what would be done, and nothing of it remains:', () => {
  test.each(Object.entries(verbs))('%s', async (_name, given) => {
    const { verb, status, targets, ...asked } = await given();
    const plan = await rehearsals.plan(asked);
    expect(plan).toMatchObject({ verb, status });
    expect(plan.targets).toMatchObject(targets);
  });
});

describe('refuses as the request itself would:', () => {
  test.each<[string, string, string, number, string]>([
    ['restart', 'POST', `/workspaces/${randomUUID()}/restart`, 404, 'workspace not found'],
    ['pause', 'POST', `/workspaces/${randomUUID()}/pause`, 404, 'workspace not found or already paused'],
    ['resume', 'POST', `/workspaces/${randomUUID()}/resume`, 404, 'workspace not found or not paused'],
    ['wake', 'POST', `/workspaces/${randomUUID()}/wake`, 404, 'workspace not found or not hibernated'],
    ['collapse', 'POST', `/workspaces/${randomUUID()}/collapse`, 404, 'workspace not found'],
    ['cancel', 'POST', `/operations/${randomUUID()}/cancel`, 404, 'operation not found'],
    ['retry', 'POST', `/operations/${randomUUID()}/retry`, 404, 'operation not found'],
  ])('%s', async (_verb, method, path, status, error) => {
    const answer = await gateway.call(method, `${path}?dry_run=true`);
    expect([answer.statusCode, answer.json()['error']]).toEqual([status, error]);
  });

  test('delete of a tree without confirmation', async () => {
    const id = await addWorkspace(gateway.db);
    await addWorkspace(gateway.db, { parentId: id });
    expect((await gateway.call('DELETE', `/workspaces/${id}?dry_run=true`)).json()).toMatchObject({
      code: 'CONFIRMATION_REQUIRED',
      children_count: 1,
    });
  });
});

test.each(['1', 'yes', '', 'TRUE', 'true&dry_run=true'])(
  'dry_run=%s is refused: it must not become the change itself',
  async (value) => {
    const { id } = await addRunning(gateway.db);
    const answer = await gateway.call('POST', `/workspaces/${id}/pause?dry_run=${value}`);
    expect([answer.statusCode, answer.json()['error']]).toEqual([400, 'dry_run must be true or false']);
    expect(await statusOf(gateway.db, id)).toBe('online');
  },
);

test('dry_run=false is the change itself', async () => {
  const { id } = await addRunning(gateway.db);
  expect((await gateway.call('POST', `/workspaces/${id}/pause?dry_run=false`)).json()).toMatchObject({
    paused_count: 1,
  });
  expect(await statusOf(gateway.db, id)).toBe('paused');
});

test('a rehearsal under the key of the real request neither uses nor spoils it', async () => {
  const { id } = await addRunning(gateway.db);
  const headers = { 'idempotency-key': randomUUID() };
  await gateway.call('POST', `/workspaces/${id}/pause?dry_run=true`, { headers });
  expect((await gateway.call('POST', `/workspaces/${id}/pause`, { headers })).json()).toMatchObject({
    status: 'paused',
  });
});
