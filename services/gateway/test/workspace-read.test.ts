import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { waitFor } from '@holdfast/infra/testing/index';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Notifications } from '../src/database/notifications.ts';
import { WorkspaceListView, WorkspaceView } from '../src/workspace/workspace.dto.ts';
import { addWorkspace, addWorkspaceToken, type TestGateway, testGateway } from './support/gateway.ts';

const templates = mkdtempSync(path.join(os.tmpdir(), 'holdfast-templates-'));
for (const [name, seconds] of [
  ['a', 300],
  ['b', 900],
] as const) {
  mkdirSync(path.join(templates, name));
  writeFileSync(
    path.join(templates, name, 'config.yaml'),
    `runtime: hermes\nruntime_config:\n  provision_timeout_seconds: ${seconds}\n`,
  );
}

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await testGateway({ env: { CONFIGS_DIR: templates } });
});
afterAll(async () => {
  await gateway.close();
  rmSync(templates, { recursive: true, force: true });
});

const get = async (id: string) => (await gateway.call('GET', `/workspaces/${id}`)).json<Record<string, unknown>>();
const list = async () => (await gateway.call('GET', '/workspaces')).json<Record<string, unknown>[]>();

test('the list is an empty array when there is nothing', async () => {
  const answer = await gateway.call('GET', '/workspaces');
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(answer.body).toBe('[]');
});

test('the list has exactly the contract’s members, oldest first, without what was removed', async () => {
  const first = await addWorkspace(gateway.db, {
    name: 'quoted "name" \\ – ü',
    createdAt: new Date(1),
    budgetLimit: 5_000n,
    monthlySpend: 12n,
    currentTask: 'a task',
    agentCard: { name: 'card', skills: [] },
    lastErrorRate: 0.25,
    platformInboundSecret: Buffer.from('sealed'),
  });
  await gateway.db.canvasLayout.create({ data: { workspaceId: first, x: 1.5, y: -2, collapsed: true } });
  const second = await addWorkspace(gateway.db, { runtime: 'hermes', createdAt: new Date(2), parentId: first });
  await addWorkspace(gateway.db, { status: 'removed' });
  const rows = WorkspaceListView.parse(await list());
  expect((await list()).map((row) => row['id'])).toEqual([first, second]);
  expect(rows[0]).toEqual({
    id: first,
    name: 'quoted "name" \\ – ü',
    role: null,
    tier: 1,
    status: 'online',
    url: '',
    runtime: 'langgraph',
    parent_id: null,
    agent_card: { name: 'card', skills: [] },
    active_tasks: 0,
    max_concurrent_tasks: 1,
    uptime_seconds: 0,
    last_error_rate: 0.25,
    current_task: 'a task',
    last_sample_error: '',
    workspace_dir: null,
    monthly_spend: 12,
    budget_limit: 5_000,
    x: 1.5,
    y: -2,
    collapsed: true,
  });
  expect(Object.keys((await list())[0] ?? {}).sort()).toEqual(Object.keys(rows[0] ?? {}).sort());
  // The longest of the runtime's templates; a runtime without one has no such member.
  expect(rows[1]).toMatchObject({ provision_timeout_ms: 900_000, x: 0, collapsed: false });
});

test('one workspace has no operator’s members, and its last outbound call', async () => {
  const id = await addWorkspace(gateway.db, {
    lastOutboundAt: new Date('2026-05-04T03:02:01.120Z'),
    budgetLimit: 1n,
    workspaceDir: '/srv/x',
  });
  const body = await get(id);
  expect(WorkspaceView.parse(body)).toMatchObject({ id, last_outbound_at: '2026-05-04T03:02:01.120Z' });
  for (const hidden of [
    'budget_limit',
    'monthly_spend',
    'current_task',
    'last_sample_error',
    'workspace_dir',
    'instance_id',
    'awareness_namespace',
    'platform_inbound_secret',
  ]) {
    expect(body).not.toHaveProperty(hidden);
  }
});

test('a removed workspace is still shown, an unknown one is not found', async () => {
  expect(await get(await addWorkspace(gateway.db, { status: 'removed' }))).toMatchObject({
    status: 'removed',
    last_outbound_at: null,
  });
  expect((await gateway.call('GET', '/workspaces/5b6f3f0e-1111-4222-8333-944444444444')).json()).toMatchObject({
    error: 'workspace not found',
    status: 404,
  });
});

test('concurrent lists see what was committed before they were asked for', async () => {
  for (let round = 0; round < 20; round += 1) {
    const running = Array.from({ length: 5 }, list);
    const id = await addWorkspace(gateway.db);
    expect((await list()).some((row) => row['id'] === id)).toBe(true);
    await Promise.all(running);
  }
});

describe('a patch', () => {
  const patch = (id: string, body: unknown, token?: string) =>
    gateway.call('PATCH', `/workspaces/${id}`, { body, ...(token ? { token } : {}) });

  test('changes what it names and leaves the rest alone', async () => {
    const id = await addWorkspace(gateway.db, { name: 'before', role: 'kept', budgetLimit: 9n });
    const answer = await patch(id, {
      name: 'after',
      x: 3,
      y: 4,
      collapsed: true,
      budget_limit: 1,
      status: 'paused',
      max_concurrent_tasks: 9,
    });
    expect(answer.json()).toEqual({ status: 'updated' });
    expect(await get(id)).toMatchObject({
      name: 'after',
      role: 'kept',
      x: 3,
      y: 4,
      collapsed: true,
      status: 'online',
      max_concurrent_tasks: 1,
    });
    expect((await gateway.db.workspace.findUniqueOrThrow({ where: { id } })).budgetLimit).toBe(9n);
  });

  test('moves only by both coordinates', async () => {
    const id = await addWorkspace(gateway.db);
    await patch(id, { x: 7 });
    expect(await get(id)).toMatchObject({ x: 0, y: 0 });
  });

  test('says that a new directory needs a restart, and clears by null', async () => {
    const id = await addWorkspace(gateway.db, { role: 'a role', parentId: await addWorkspace(gateway.db) });
    expect((await patch(id, { workspace_dir: '/srv/data' })).json()).toEqual({
      status: 'updated',
      needs_restart: true,
    });
    expect((await patch(id, { workspace_dir: null, role: null, parent_id: null })).json()).toEqual({
      status: 'updated',
      needs_restart: true,
    });
    expect(await gateway.db.workspace.findUniqueOrThrow({ where: { id } })).toMatchObject({
      workspaceDir: null,
      role: null,
      parentId: null,
    });
  });

  test.each([
    [{ name: 5 }, 'invalid request body'],
    ['[1', 'invalid request body'],
    [{ tier: '2' }, 'invalid request body'],
    [{ x: 'left', y: 1 }, 'invalid request body'],
    [{ parent_id: 'nobody' }, 'invalid request body'],
    [{ name: '' }, 'name must not be empty'],
    [{ name: 'x'.repeat(256) }, 'name must be at most 255 characters'],
    [{ role: 'a\nb' }, 'role contains characters that are not allowed'],
    [{ workspace_dir: '/etc' }, 'invalid workspace directory'],
    [{ parent_id: '5b6f3f0e-1111-4222-8333-944444444444' }, 'parent workspace not found'],
  ])('refuses %j', async (body, error) => {
    const id = await addWorkspace(gateway.db);
    const before = await gateway.db.workspace.findUniqueOrThrow({ where: { id } });
    expect((await patch(id, body)).json()).toMatchObject({ error, status: 400 });
    expect(await gateway.db.workspace.findUniqueOrThrow({ where: { id } })).toEqual(before);
  });

  test('refuses a circle, also when two at once would close one', async () => {
    const [a, b, c] = [await addWorkspace(gateway.db), await addWorkspace(gateway.db), await addWorkspace(gateway.db)];
    expect((await patch(a, { parent_id: a })).json()).toMatchObject({
      error: 'a workspace cannot be its own ancestor',
    });
    for (let round = 0; round < 10; round += 1) {
      await gateway.db.workspace.updateMany({ where: { id: { in: [a, b, c] } }, data: { parentId: null } });
      const answers = await Promise.all([
        patch(a, { parent_id: b }),
        patch(b, { parent_id: c }),
        patch(c, { parent_id: a }),
      ]);
      expect(answers.map((answer) => answer.statusCode).sort((a, b) => a - b)).toEqual([200, 200, 400]);
    }
  });

  test('by the workspace itself changes neither its rights on the host nor its place', async () => {
    const id = await addWorkspace(gateway.db);
    const token = await addWorkspaceToken(gateway.db, id);
    expect((await patch(id, { name: 'mine' }, token)).statusCode).toBe(200);
    for (const body of [{ tier: 4 }, { workspace_dir: '/home' }, { runtime: 'other' }, { parent_id: null }]) {
      expect((await patch(id, body, token)).json()).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    }
  });

  test('of a removed or unknown workspace is not found', async () => {
    for (const id of [await addWorkspace(gateway.db, { status: 'removed' }), '5b6f3f0e-1111-4222-8333-944444444444']) {
      expect((await patch(id, { name: 'x' })).json()).toMatchObject({ error: 'workspace not found', status: 404 });
    }
  });
});

describe('its state', () => {
  test('says paused', async () => {
    const id = await addWorkspace(gateway.db, { status: 'paused' });
    const token = await addWorkspaceToken(gateway.db, id);
    expect((await gateway.call('GET', `/workspaces/${id}/state`, { token })).json()).toEqual({
      workspace_id: id,
      status: 'paused',
      paused: true,
      deleted: false,
    });
  });

  test('says removed, then deleted, to an agent whose token this gateway has not heard the end of', async () => {
    const id = await addWorkspace(gateway.db);
    const token = await addWorkspaceToken(gateway.db, id);
    await waitFor(() => gateway.app.get(Notifications).listening);
    const state = () => gateway.call('GET', `/workspaces/${id}/state`, { token });
    expect((await state()).statusCode).toBe(200);
    await gateway.db.workspace.update({ where: { id }, data: { status: 'removed' } });
    const removed = await state();
    expect(removed.statusCode).toBe(404);
    expect(removed.json()).toMatchObject({ workspace_id: id, status: 'removed', deleted: true });
    await gateway.db.workspace.delete({ where: { id } });
    const deleted = await state();
    expect(deleted.statusCode).toBe(404);
    expect(deleted.json()).toMatchObject({ workspace_id: id, deleted: true });
  });

  test('is 401 for an agent whose workspace was removed: its tokens are gone', async () => {
    const id = await addWorkspace(gateway.db, { status: 'removed' });
    const token = await addWorkspaceToken(gateway.db, id);
    expect((await gateway.call('GET', `/workspaces/${id}/state`, { token })).statusCode).toBe(401);
  });
});

test('a peer reads a workspace, a stranger does not', async () => {
  const parent = await addWorkspace(gateway.db);
  const child = await addWorkspace(gateway.db, { parentId: parent });
  const sibling = await addWorkspace(gateway.db, { parentId: parent });
  const grandchild = await addWorkspace(gateway.db, { parentId: child });
  const cousin = await addWorkspace(gateway.db, { parentId: sibling });
  const reads = async (who: string, whom: string) =>
    (await gateway.call('GET', `/workspaces/${whom}`, { token: await addWorkspaceToken(gateway.db, who) })).statusCode;
  expect(await reads(child, sibling)).toBe(200);
  expect(await reads(parent, grandchild)).toBe(200);
  expect(await reads(grandchild, parent)).toBe(200);
  expect(await reads(grandchild, cousin)).toBe(401);
  expect(await reads(sibling, grandchild)).toBe(401);
  expect(await reads(child, '5b6f3f0e-1111-4222-8333-944444444444')).toBe(401);
});
