import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addWorkspace, addWorkspaceToken, type TestGateway, testGateway } from './support/gateway.ts';
import { fingerprint } from './support/fingerprint.ts';
import { addBackend, addRunning, eventsOf, statusOf } from './support/given.ts';

let folder: string;
let gateway: TestGateway;
let bare: TestGateway;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-restart-'));
  const template = async (name: string, config: string) => {
    await mkdir(path.join(folder, name), { recursive: true });
    await writeFile(path.join(folder, name, 'config.yaml'), config);
  };
  await template('templates/support', 'name: Somebody\n');
  await template('templates/langgraph-default', 'name: Default\n');
  await template('org/the-desk', 'name: The Desk\n');
  gateway = await testGateway({
    env: { CONFIGS_DIR: path.join(folder, 'templates'), ORG_TEMPLATES_DIR: path.join(folder, 'org') },
  });
  await addBackend(gateway.db);
  bare = await testGateway();
});
afterAll(async () => {
  await Promise.all([gateway.close(), bare.close()]);
  await rm(folder, { recursive: true });
});

const restart = (id: string, options: { body?: unknown; query?: string; headers?: Record<string, string> } = {}) =>
  gateway.call('POST', `/workspaces/${id}/restart${options.query ?? ''}`, {
    ...('body' in options ? { body: options.body } : {}),
    headers: options.headers ?? {},
  });
const operationsOf = (workspaceId: string) =>
  gateway.db.operation.findMany({ where: { workspaceId }, orderBy: { seq: 'asc' } });

test('answers at once, with the operation; row, event and poke are there', async () => {
  const { id } = await addRunning(gateway.db, { name: 'mine', url: 'http://x' });
  const answer = await restart(id);
  const [operation] = await operationsOf(id);
  expect([answer.statusCode, answer.json()]).toEqual([
    200,
    {
      status: 'provisioning',
      config_dir: 'existing-volume',
      reset_session: false,
      operation_id: operation?.id,
    },
  ]);
  expect(operation).toMatchObject({ kind: 'restart', state: 'accepted', actor: 'admin-token' });
  expect(await gateway.db.workspace.findUniqueOrThrow({ where: { id } })).toMatchObject({
    status: 'provisioning',
    url: '',
  });
  expect(await eventsOf(gateway.db, id)).toEqual([
    ['WORKSPACE_PROVISIONING', { name: 'mine', tier: 1, runtime: 'langgraph' }],
  ]);
  expect(gateway.poked).toContain(id);
});

describe('takes a body', () => {
  test.each<[string, unknown]>([
    ['that is missing', undefined],
    ['that is empty', ''],
    ['of white space', '  '],
    ['that is null', 'null'],
    ['that is empty JSON', {}],
    ['with members it does not know', { colour: 'red' }],
    ['whose members are null', { template: null, apply_template: null, reset: null, rebuild_config: null }],
  ])('%s', async (_what, body) => {
    const { id } = await addRunning(gateway.db);
    const answer = await restart(id, body === undefined ? {} : { body });
    expect(answer.json()).toMatchObject({ config_dir: 'existing-volume', reset_session: false });
  });

  test.each<[string, unknown]>([
    ['half an object', '{"reset":'],
    ['no JSON', 'reset=true'],
    ['a list', '[]'],
    ['text as a flag', { reset: 'true' }],
    ['a number as a template', { template: 5 }],
  ])('but not %s', async (_what, body) => {
    const { id } = await addRunning(gateway.db);
    const before = await fingerprint(gateway.db);
    const answer = await restart(id, { body });
    expect([answer.statusCode, answer.json()['error']]).toEqual([400, 'invalid JSON body']);
    expect(await fingerprint(gateway.db)).toBe(before);
  });
});

describe('applies a template only when told to:', () => {
  test.each<[string, string, unknown, string]>([
    ['none, although one has its name', 'support', {}, 'existing-volume'],
    ['the one that is named', 'other', { template: 'support' }, 'support'],
    ['none for one that is not there', 'other', { template: 'missing' }, 'existing-volume'],
    ['none for a way out of the folder', 'other', { template: '../org/the-desk' }, 'existing-volume'],
    ['the one of its name', 'Support', { apply_template: true }, 'support'],
    ['the one whose file names it', 'somebody', { apply_template: true }, 'support'],
    ['the org’s', 'The Desk', { rebuild_config: true }, 'org-templates/the-desk'],
    ['its own before the org’s', 'support', { apply_template: true, rebuild_config: true }, 'support'],
    ['that of its runtime', 'nobody', { apply_template: true }, 'langgraph-default'],
    ['the named one before all', 'nobody', { template: 'support', apply_template: true }, 'support'],
  ])('%s', async (_what, name, body, label) => {
    const { id } = await addRunning(gateway.db, { name });
    expect((await restart(id, { body })).json()).toMatchObject({ config_dir: label });
    const [operation] = await operationsOf(id);
    expect((operation as { request: { template?: string } }).request.template).toBe(
      label === 'existing-volume' ? undefined : label,
    );
  });
});

test('a fresh session can be asked for in the body and in the query', async () => {
  for (const options of [
    { query: '?reset=true' },
    { body: { reset: true } },
    { query: '?reset=1', body: { reset: true } },
  ]) {
    const { id } = await addRunning(gateway.db);
    expect((await restart(id, options)).json()).toMatchObject({ reset_session: true });
    expect((await operationsOf(id))[0]?.request).toEqual({ reset: true });
  }
  const { id } = await addRunning(gateway.db);
  expect((await restart(id, { query: '?reset=1' })).json()).toMatchObject({ reset_session: false });
});

test('a double click is 200 twice: the second waits behind the first, and nothing is dropped', async () => {
  const { id } = await addRunning(gateway.db);
  const answers = await Promise.all([restart(id), restart(id)]);
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
  const operations = await operationsOf(id);
  expect(operations.map(({ state }) => state)).toEqual(['accepted', 'accepted']);
  expect(new Set(answers.map((answer) => answer.json()['operation_id']))).toEqual(
    new Set(operations.map((operation) => operation.id)),
  );
});

test('ten under one key are one restart with one answer', async () => {
  const { id } = await addRunning(gateway.db);
  const headers = { 'idempotency-key': randomUUID() };
  const answers = await Promise.all(Array.from({ length: 10 }, () => restart(id, { headers, body: { reset: true } })));
  expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
  expect(await operationsOf(id)).toHaveLength(1);
  expect((await restart(id, { headers, body: { reset: false } })).statusCode).toBe(422);
});

describe('refuses in the order of the contract, and writes nothing:', () => {
  const refused = async (id: string, status: number, error: string, on = gateway) => {
    const before = await fingerprint(on.db);
    const answer = await on.call('POST', `/workspaces/${id}/restart`);
    expect([answer.statusCode, answer.json()['error']]).toEqual([status, error]);
    expect(await fingerprint(on.db)).toBe(before);
    expect(on.poked).not.toContain(id);
  };

  test('one that is not there', () => refused(randomUUID(), 404, 'workspace not found'));
  test('one that is removed: it must not start a box that somebody pays', async () =>
    refused(await addWorkspace(gateway.db, { status: 'removed' }), 404, 'workspace not found'));
  test('an id that is none', () => refused('nonsense', 400, 'invalid workspace ID'));
  test('one below a paused workspace, however far; the nearest is named', async () => {
    const top = await addWorkspace(gateway.db, { name: 'top', status: 'paused' });
    const middle = await addWorkspace(gateway.db, { name: 'middle', status: 'paused', parentId: top });
    const { id } = await addRunning(gateway.db, { parentId: await addWorkspace(gateway.db, { parentId: middle }) });
    await refused(id, 409, 'parent workspace "middle" is paused — resume it first');
  });
  test('an external one below a paused one, before it is no operation', async () => {
    const top = await addWorkspace(gateway.db, { name: 'top', status: 'paused' });
    const id = await addWorkspace(gateway.db, { parentId: top, runtime: 'external' });
    await refused(id, 409, 'parent workspace "top" is paused — resume it first');
  });
  test('one that no backend can run', async () =>
    refused(await addWorkspace(bare.db), 503, 'provisioner not available', bare));
});

describe('is no operation, before any effect, for runtime', () => {
  test.each(['external', 'mock'])('%s', async (runtime) => {
    const id = await addWorkspace(bare.db, { runtime });
    const token = await addWorkspaceToken(bare.db, id, 'agent');
    const before = await fingerprint(bare.db);
    const answer = await bare.call('POST', `/workspaces/${id}/restart`, { token });
    expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'noop', runtime, message: expect.any(String) }]);
    expect(await fingerprint(bare.db)).toBe(before);
    expect(bare.poked).not.toContain(id);
  });
});

test.each(['online', 'degraded', 'offline', 'failed', 'paused', 'hibernated'] as const)(
  'brings up one that is %s',
  async (status) => {
    const { id } = await addRunning(gateway.db, { status });
    expect((await restart(id)).statusCode).toBe(200);
    expect(await statusOf(gateway.db, id)).toBe('provisioning');
  },
);

test('an agent may restart itself, and nobody else', async () => {
  const { id } = await addRunning(gateway.db);
  const token = await addWorkspaceToken(gateway.db, id);
  const { id: other } = await addRunning(gateway.db);
  expect((await gateway.call('POST', `/workspaces/${id}/restart`, { token })).statusCode).toBe(200);
  expect((await gateway.call('POST', `/workspaces/${other}/restart`, { token })).statusCode).toBe(401);
  expect((await operationsOf(id))[0]?.actor).toBe(`workspace:${id}`);
});
