import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CreatedWorkspace } from '../src/workspace/create-workspace.dto.ts';
import { type TestGateway, testGateway } from './support/gateway.ts';

const templates = mkdtempSync(path.join(os.tmpdir(), 'holdfast-templates-'));
const addTemplate = (name: string, yaml: string) => {
  mkdirSync(path.join(templates, name));
  writeFileSync(path.join(templates, name, 'config.yaml'), yaml);
};
addTemplate('coder', 'runtime: claude-code\nmodel: sonnet\nruntime_config:\n  provision_timeout_seconds: 300\n');
addTemplate('slow-coder', 'runtime: claude-code\nruntime_config:\n  model: opus\n  provision_timeout_seconds: 900\n');
addTemplate('broken', '{{{');

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await testGateway({ env: { CONFIGS_DIR: templates } });
});
afterAll(async () => {
  await gateway.close();
  rmSync(templates, { recursive: true, force: true });
});

const create = (body: unknown, headers = {}) => gateway.call('POST', '/workspaces', { body, headers });
const rowOf = (id: string) => gateway.db.workspace.findUniqueOrThrow({ where: { id } });
const count = () => gateway.db.workspace.count();

test('answers 201 with the identity of the workspace, and pokes its operation', async () => {
  const answer = await create({ name: 'first', role: 'tester', unknown_field: 1 });
  expect(answer.statusCode).toBe(201);
  const body = CreatedWorkspace.parse(answer.json());
  expect(body).toMatchObject({
    status: 'provisioning',
    awareness_namespace: `workspace:${body.id}`,
    workspace_access: 'none',
  });
  expect(await rowOf(body.id)).toMatchObject({
    name: 'first',
    role: 'tester',
    tier: 3,
    runtime: 'langgraph',
    deliveryMode: 'push',
    maxConcurrentTasks: 1,
  });
  expect(gateway.poked).toContain(body.id);
  const operation = await gateway.db.operation.findUniqueOrThrow({ where: { id: body.operation_id ?? '' } });
  expect(operation).toMatchObject({ kind: 'provision', state: 'accepted', actor: 'admin-token', workspaceId: body.id });
});

test('fills runtime and model from the template, and keeps what was asked for', async () => {
  const filled = (await create({ name: 'a', template: 'coder' })).json<{ id: string }>();
  expect(await rowOf(filled.id)).toMatchObject({ runtime: 'claude-code', model: 'sonnet', template: 'coder' });
  const nested = (await create({ name: 'b', template: 'slow-coder' })).json<{ id: string }>();
  expect(await rowOf(nested.id)).toMatchObject({ model: 'opus' });
  const asked = (await create({ name: 'c', template: 'coder', runtime: 'hermes', model: 'mine' })).json<{
    id: string;
  }>();
  expect(await rowOf(asked.id)).toMatchObject({ runtime: 'hermes', model: 'mine' });
  for (const template of ['broken', 'absent']) {
    const fallen = (await create({ name: 'd', template })).json<{ id: string }>();
    expect(await rowOf(fallen.id)).toMatchObject({ runtime: 'langgraph', model: null });
  }
});

test.each([
  [3, 3],
  [0, 1],
  [-2, 1],
])('incident 37: %i tasks at once are kept and shown as %i', async (asked, kept) => {
  const { id } = (await create({ name: 'busy', max_concurrent_tasks: asked })).json<{ id: string }>();
  expect((await rowOf(id)).maxConcurrentTasks).toBe(kept);
  expect((await gateway.call('GET', `/workspaces/${id}`)).json()).toMatchObject({ max_concurrent_tasks: kept });
});

test('incident 44: a double click without a key is two workspaces, and no failure', async () => {
  const answers = await Promise.all([create({ name: 'twin' }), create({ name: 'twin' })]);
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([201, 201]);
  expect(new Set(answers.map((answer) => answer.json<{ id: string }>().id)).size).toBe(2);
});

test('takes null for every field that may be left out', async () => {
  const body = {
    name: 'nulls',
    role: null,
    tier: null,
    model: null,
    runtime: null,
    template: null,
    workspace_dir: null,
    workspace_access: null,
    delivery_mode: null,
    external: null,
    url: null,
    parent_id: null,
    budget_limit: null,
    max_concurrent_tasks: null,
    secrets: null,
    canvas: null,
    initial_memories: null,
    compute: null,
  };
  expect((await create(body)).statusCode).toBe(201);
});

test('takes a body whatever its Content-Type says, and ignores what follows the first value', async () => {
  const form = await create('{"name":"form"}', { 'content-type': 'application/x-www-form-urlencoded' });
  expect(form.statusCode).toBe(201);
  const trailing = await create('{"name":"trailing"} and more', { 'content-type': 'application/json' });
  expect(trailing.statusCode).toBe(201);
});

test('stores secrets sealed, in the transaction of the row', async () => {
  const { id } = (await create({ name: 'secretive', secrets: { API_KEY: 'very secret value' } })).json<{
    id: string;
  }>();
  const [secret] = await gateway.db.workspaceSecret.findMany({ where: { workspaceId: id } });
  expect(Buffer.from(secret?.encryptedValue ?? []).toString()).not.toContain('very secret');
  expect(secret?.encryptionVersion).toBe(1);
});

test('keeps memories of known scopes, cut and without what looks like a credential', async () => {
  const { id } = (
    await create({
      name: 'mindful',
      secrets: { PASSPHRASE: 'correct horse battery' },
      initial_memories: [
        { content: 'the key is sk-abcdefghijklmnopqrstuvwx and correct horse battery', scope: 'team' },
        { content: 'x'.repeat(100_001) },
        { content: 'nobody knows this scope', scope: 'WORLD' },
      ],
    })
  ).json<{ id: string }>();
  const memories = await gateway.db.agentMemory.findMany({ where: { workspaceId: id }, orderBy: { scope: 'desc' } });
  expect(memories).toMatchObject([
    { scope: 'TEAM', content: 'the key is [REDACTED] and [REDACTED]' },
    { scope: 'LOCAL', content: 'x'.repeat(100_000) },
  ]);
});

describe('refuses, and changes nothing:', () => {
  const refused: [string, unknown, string][] = [
    ['no body', undefined, 'invalid workspace payload'],
    ['broken JSON', '{"name":', 'invalid workspace payload'],
    ['an array', [], 'invalid workspace payload'],
    ['null', 'null', 'invalid workspace payload'],
    ['a missing name', {}, 'invalid workspace payload'],
    ['an empty name', { name: '' }, 'invalid workspace payload'],
    ['a name of the wrong type', { name: 7 }, 'invalid workspace payload'],
    ['a NUL in the name', '{"name":"a\\u0000b"}', 'invalid workspace payload'],
    ['a raw control character', '{"name":"a\u0001b"}', 'invalid workspace payload'],
    ['a long name', { name: 'x'.repeat(256) }, 'invalid workspace fields'],
    ['a newline in the name', { name: 'a\nb' }, 'invalid workspace fields'],
    ['markup in the role', { name: 'a', role: 'a: {b}' }, 'invalid workspace fields'],
    ['a long role', { name: 'a', role: 'x'.repeat(1001) }, 'invalid workspace fields'],
    ['a newline in the model', { name: 'a', model: 'a\nb' }, 'invalid workspace fields'],
    ['a long runtime', { name: 'a', runtime: 'x'.repeat(101) }, 'invalid workspace fields'],
    ['a fractional tier', { name: 'a', tier: 1.5 }, 'invalid workspace payload'],
    ['a tier beyond the column', { name: 'a', tier: 3e9 }, 'invalid workspace payload'],
    ['incident 42: a template outside of the root', { name: 'a', template: '../../etc' }, 'invalid template'],
    [
      'incident 42: such a template of an external workspace',
      { name: 'a', external: true, template: '../etc' },
      'invalid template',
    ],
    ['an absolute template', { name: 'a', template: '/etc' }, 'invalid template'],
    ['the template root itself', { name: 'a', template: '.' }, 'invalid template'],
    ['a relative directory', { name: 'a', workspace_dir: 'data' }, 'invalid workspace directory'],
    ['a way up', { name: 'a', workspace_dir: '/srv/../etc' }, 'invalid workspace directory'],
    ['a system directory', { name: 'a', workspace_dir: '/etc/ssl' }, 'invalid workspace directory'],
    ['a disguised system directory', { name: 'a', workspace_dir: '//usr/./lib' }, 'invalid workspace directory'],
    ['the root directory', { name: 'a', workspace_dir: '/' }, 'invalid workspace directory'],
    ['an unknown access', { name: 'a', workspace_access: 'all' }, 'invalid workspace access'],
    ['access without a directory', { name: 'a', workspace_access: 'read_only' }, 'invalid workspace access'],
    ['an unknown delivery mode', { name: 'a', delivery_mode: 'pull' }, "delivery_mode must be 'push' or 'poll'"],
    ['a negative budget', { name: 'a', budget_limit: -1 }, 'invalid workspace payload'],
    ['a parent that is no id', { name: 'a', parent_id: 'x' }, 'invalid workspace payload'],
    [
      'a parent that is not there',
      { name: 'a', parent_id: '9f1d2c3b-4a5e-4f60-8a71-0123456789ab' },
      'invalid workspace payload',
    ],
    ['an unknown provider', { name: 'a', compute: { provider: 'azure' } }, 'invalid workspace payload'],
    ['a secret that is no text', { name: 'a', secrets: { KEY: 5 } }, 'invalid workspace payload'],
    [
      'a metadata address',
      { name: 'a', external: true, url: 'http://169.254.169.254/' },
      'unsafe workspace URL: url targets a blocked address: link-local or cloud metadata',
    ],
    ['a type before a rule', { name: 'a\nb', tier: 'x' }, 'invalid workspace payload'],
  ];
  test.each(refused)('%s', async (_what, body, error) => {
    const before = await count();
    const answer = await create(body);
    expect(answer.json()).toMatchObject({ error, status: 400 });
    expect(answer.statusCode).toBe(400);
    expect(await count()).toBe(before);
  });

  test('a reserved secret name, after the row was inserted', async () => {
    const before = await count();
    const answer = await create({ name: 'a', secrets: { PATH: '/evil' } });
    expect(answer.statusCode).toBe(400);
    expect(await count()).toBe(before);
  });

  test('a body that is too large', async () => {
    const answer = await create({ name: 'a', role: 'x'.repeat(1_048_576) });
    expect(answer.statusCode).toBe(413);
    expect(answer.json()).toMatchObject({ error: 'request body too large', code: 'TOO_LARGE' });
  });
});

describe('an external workspace', () => {
  test('with a URL is online at once and has no operation', async () => {
    const answer = await create({ name: 'outside', external: true, url: 'http://8.8.8.8:9000' });
    expect(answer.json()).toEqual({ id: expect.any(String), status: 'online', external: true });
    expect(await rowOf(answer.json<{ id: string }>().id)).toMatchObject({
      status: 'online',
      runtime: 'external',
      url: 'http://8.8.8.8:9000',
      operationId: null,
    });
  });

  test('without a URL waits for its agent, polls, and gets its connection once', async () => {
    const answer = await create({ name: 'outside', runtime: 'external' }, { host: 'platform.example:8080' });
    const body = CreatedWorkspace.parse(answer.json());
    expect(body).toMatchObject({
      status: 'awaiting_agent',
      external: true,
      connection: {
        workspace_id: body.id,
        platform_url: 'http://platform.example:8080',
        registry_endpoint: 'http://platform.example:8080/registry/register',
        heartbeat_endpoint: 'http://platform.example:8080/registry/heartbeat',
        auth_token: expect.stringMatching(/^[\w-]{43}$/),
      },
    });
    expect(await rowOf(body.id)).toMatchObject({ status: 'awaiting_agent', deliveryMode: 'poll' });
    const { auth_token: token = '', ...snippets } = body.connection ?? {};
    expect(JSON.stringify(snippets)).not.toContain(token);
  });

  test('does not believe forwarded headers about its address', async () => {
    const answer = await create(
      { name: 'outside', external: true },
      { host: 'real.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
    );
    expect(answer.json()).toMatchObject({ connection: { platform_url: 'http://real.example' } });
  });
});
