import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { refreshableRuntimes } from '../src/image/image.dto.ts';
import { policyTable } from '../src/policy/policy-table.ts';
import { addWorkspace, type TestGateway, testGateway } from './support/gateway.ts';
import { addBackend, addRunning, statusOf } from './support/given.ts';
import { expectRefusedAlike, type Planner, planner, type Refused, type Rehearsed } from './support/plan.ts';

let gateway: TestGateway;
let rehearsals: Planner;
beforeAll(async () => {
  gateway = await testGateway();
  await addBackend(gateway.db);
  rehearsals = await planner(gateway);
});
beforeEach(async () => {
  await gateway.db.$executeRaw`TRUNCATE workspaces, operations, boxes, global_secrets, workspace_secrets CASCADE`;
});
afterAll(async () => {
  await rehearsals.close();
  await gateway.close();
});

const value = 'a value that nobody may see';
const secret = { key: 'A_KEY', value };
const keepSecret = (workspaceId: string) => gateway.call('PUT', `/workspaces/${workspaceId}/secrets`, { body: secret });
const none = { decision: 'direct', operation_kind: null, steps: [] };
const restarted = { status: 'provisioning', decision: 'run', operation_kind: 'restart' };

describe('a change of what a workspace is tells what would be written, and restarts nothing:', () => {
  test('an update', async () => {
    const { id, boxId } = await addRunning(gateway.db, { name: 'before' });
    const body = { name: 'after', role: null, workspace_dir: '', x: 1, y: 2, budget_limit: 7 };
    expect(await rehearsals.plan({ method: 'PATCH', path: `/workspaces/${id}`, body })).toMatchObject({
      verb: 'update',
      status: 'updated',
      targets: [{ workspace_id: id, name: 'after', status: 'online', ...none, boxes: [{ id: boxId }] }],
      change: { name: 'after', role: null, workspace_dir: null, x: 1, y: 2, needs_restart: true },
    });
  });

  test('an update to a runtime without a box tells the status that follows from it', async () => {
    const { id } = await addRunning(gateway.db);
    const body = { runtime: 'external' };
    expect((await rehearsals.plan({ method: 'PATCH', path: `/workspaces/${id}`, body })).targets).toMatchObject([
      { workspace_id: id, status: 'awaiting_agent', ...none },
    ]);
  });

  test.each([1_250, null])('a budget of %s', async (limit) => {
    const id = await addWorkspace(gateway.db, { name: 'thrifty', budgetLimit: 5 });
    const asked = { method: 'PATCH', path: `/workspaces/${id}/budget`, body: { budget_limit: limit } };
    expect(await rehearsals.plan(asked)).toMatchObject({
      verb: 'set-budget',
      status: 'updated',
      targets: [{ workspace_id: id, name: 'thrifty', ...none }],
      change: { budget_limit: limit, monthly_spend: 0, budget_remaining: limit },
    });
  });
});

describe('a change of what an agent gets tells the restart that would bring it there:', () => {
  const changes = (id: string): Record<string, Rehearsed & { verb: string; status: string; change: object }> => {
    const secrets = `/workspaces/${id}/secrets`;
    const saved = { verb: 'set-secret', status: 'saved', change: { key: 'A_KEY', scope: 'workspace' } };
    return {
      'a secret that is made': { method: 'POST', path: secrets, body: secret, ...saved },
      'a secret that is saved': { method: 'PUT', path: secrets, body: secret, ...saved },
      'a secret that is deleted': {
        method: 'DELETE',
        path: `${secrets}/A_KEY`,
        verb: 'delete-secret',
        status: 'deleted',
        change: { key: 'A_KEY', scope: 'workspace' },
      },
      'a model that is set': {
        method: 'PUT',
        path: `/workspaces/${id}/model`,
        body: { model: 'vendor/model' },
        verb: 'set-model',
        status: 'saved',
        change: { model: 'vendor/model' },
      },
      'a model that is cleared': {
        method: 'PUT',
        path: `/workspaces/${id}/model`,
        body: { model: '' },
        verb: 'set-model',
        status: 'cleared',
        change: { model: null },
      },
    };
  };

  test.each(Object.keys(changes('')))('%s', async (name) => {
    const { id, boxId } = await addRunning(gateway.db, { name: 'mine', status: 'paused' });
    await keepSecret(id);
    await gateway.db.workspace.update({ where: { id }, data: { status: 'online' } });
    const asked = changes(id)[name];
    if (!asked) throw new Error(name);
    const plan = await rehearsals.plan(asked);
    expect(plan).toMatchObject({ verb: asked.verb, status: asked.status, change: asked.change });
    expect(plan.targets).toMatchObject([{ workspace_id: id, name: 'mine', ...restarted, boxes: [{ id: boxId }] }]);
    expect(JSON.stringify(plan)).not.toContain(value);
  });

  test('behind what runs already, where something does', async () => {
    const { id } = await addRunning(gateway.db);
    await gateway.call('POST', `/workspaces/${id}/restart`);
    const plan = await rehearsals.plan({ method: 'PUT', path: `/workspaces/${id}/secrets`, body: secret });
    expect(plan.targets).toMatchObject([{ workspace_id: id, decision: 'queue', operation_kind: 'restart' }]);
  });

  test.each(['paused', 'hibernated'] as const)('none of what is %s', async (status) => {
    const { id } = await addRunning(gateway.db, { status });
    const plan = await rehearsals.plan({ method: 'PUT', path: `/workspaces/${id}/secrets`, body: secret });
    expect(plan.targets).toMatchObject([{ workspace_id: id, status, ...none }]);
  });
});

describe.each(['/settings/secrets', '/admin/secrets'])('a secret of all workspaces at %s tells', (path) => {
  const family = async (): Promise<string[]> => {
    const { id: runs } = await addRunning(gateway.db, { name: 'runs' });
    const { id: busy } = await addRunning(gateway.db, { name: 'busy' });
    await gateway.call('POST', `/workspaces/${busy}/restart`);
    await addRunning(gateway.db, { name: 'asleep', status: 'hibernated' });
    const { id: own } = await addRunning(gateway.db, { name: 'own', status: 'paused' });
    await keepSecret(own);
    await gateway.db.workspace.update({ where: { id: own }, data: { status: 'online' } });
    return [runs, busy];
  };
  const byName = (plan: Awaited<ReturnType<Planner['plan']>>) =>
    plan.targets.map(({ name, decision, operation_kind: kind }) => `${name} ${decision} ${kind}`).sort();

  test('which workspaces a new value would restart', async () => {
    await family();
    const plan = await rehearsals.plan({ method: 'POST', path, body: secret });
    expect(plan).toMatchObject({ verb: 'set-secret', status: 'saved', change: { key: 'A_KEY', scope: 'global' } });
    expect(byName(plan)).toEqual(['busy queue restart', 'runs run restart']);
    expect(JSON.stringify(plan)).not.toContain(value);
  });

  test('which workspaces its end would restart', async () => {
    await gateway.call('POST', path, { body: secret });
    const ids = await family();
    const plan = await rehearsals.plan({ method: 'DELETE', path: `${path}/A_KEY` });
    expect(plan).toMatchObject({ verb: 'delete-secret', status: 'deleted', change: { key: 'A_KEY', scope: 'global' } });
    expect(plan.targets.map(({ workspace_id: id }) => id).sort()).toEqual(ids.sort());
  });

  test('the change itself pokes those that the plan named', async () => {
    const ids = await family();
    const before = gateway.poked.length;
    await gateway.call('POST', path, { body: secret });
    expect(gateway.poked.slice(before).sort()).toEqual(ids.sort());
    expect(await statusOf(gateway.db, ids[0] ?? '')).toBe('provisioning');
  });
});

describe('a refresh of images tells which hosts would be asked for which images, and asks none of them:', () => {
  const refresh = '/admin/workspace-images/refresh';
  beforeEach(() => addBackend(gateway.db, 'docker', 'b-host'));
  afterEach(() => gateway.db.backend.deleteMany({ where: { kind: 'docker' } }));

  test('of one runtime', async () => {
    await addBackend(gateway.db, 'docker', 'a-host');
    const plan = await rehearsals.plan({ method: 'POST', path: refresh, query: '&runtime=hermes&recreate=false' });
    expect(plan).toEqual({
      dry_run: true,
      verb: 'refresh-images',
      status: 'refreshed',
      targets: [],
      change: { runtimes: ['hermes'], hosts: ['a-host', 'b-host'], recreate: false },
    });
  });

  test('of all of them', async () => {
    const { change } = await rehearsals.plan({ method: 'POST', path: refresh });
    expect(change).toEqual({ runtimes: [...refreshableRuntimes], hosts: ['b-host'], recreate: true });
  });

  test('and refuses a runtime that nobody knows', async () => {
    const answer = await gateway.call('POST', `${refresh}?dry_run=true&runtime=nonsense`);
    expect([answer.statusCode, answer.json()['code']]).toEqual([400, 'UNKNOWN_RUNTIME']);
  });

  test('and is not there where no host has an engine', async () => {
    await gateway.db.backend.deleteMany({ where: { kind: 'docker' } });
    expect((await gateway.call('POST', `${refresh}?dry_run=true`)).statusCode).toBe(404);
  });
});

test('every change that somebody asks for has a dry run; a report is refused one', async () => {
  const without = Object.entries(policyTable).filter(([row, { dryRun }]) => !/^(GET|HEAD) /.test(row) && !dryRun);
  expect(without.map(([row]) => row).sort()).toEqual([
    'POST /admin/workspaces/:id/bootstrap-failed',
    'POST /registry/heartbeat',
    'POST /registry/register',
    'POST /registry/update-card',
  ]);
  const { id } = await addRunning(gateway.db, { status: 'provisioning' });
  const answer = await gateway.call('POST', `/admin/workspaces/${id}/bootstrap-failed?dry_run=true`, { body: {} });
  expect([answer.statusCode, answer.json()['error']]).toEqual([400, 'this route has no dry run; nothing was done']);
  expect(await statusOf(gateway.db, id)).toBe('provisioning');
});

describe('refuses as the request itself would:', () => {
  const absent = randomUUID();
  test.each<Refused>([
    ['an update of the absent', 'PATCH', `/workspaces/${absent}`, { name: 'x' }],
    ['an update of the wrong type', 'PATCH', `/workspaces/${absent}`, { tier: 'x' }],
    ['a budget of the absent', 'PATCH', `/workspaces/${absent}/budget`, { budget_limit: 1 }],
    ['a budget without an amount', 'PATCH', `/workspaces/${absent}/budget`, {}],
    ['a secret of the absent', 'PUT', `/workspaces/${absent}/secrets`, secret],
    ['a secret without a value', 'POST', `/workspaces/${absent}/secrets`, { key: 'A' }],
    ['a secret with a name of the platform', 'PUT', `/workspaces/${absent}/secrets`, { key: 'PATH', value: 'x' }],
    ['the end of a secret that is not there', 'DELETE', `/workspaces/${absent}/secrets/A`, undefined],
    ['a model of the absent', 'PUT', `/workspaces/${absent}/model`, { model: 'x' }],
    ['a global secret without a value', 'PUT', '/settings/secrets', { key: 'A' }],
    ['the end of a global secret that is not there', 'DELETE', '/settings/secrets/A', undefined],
    ['the same at its older address', 'DELETE', '/admin/secrets/A', undefined],
  ])('%s', (...refused) => expectRefusedAlike(gateway, refused));

  test('a circle in the tree', async () => {
    const id = await addWorkspace(gateway.db);
    const child = await addWorkspace(gateway.db, { parentId: id });
    const answer = await gateway.call('PATCH', `/workspaces/${id}?dry_run=true`, { body: { parent_id: child } });
    expect(answer.json()).toMatchObject({ status: 400, error: 'a workspace cannot be its own ancestor' });
  });
});
