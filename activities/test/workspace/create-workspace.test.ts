import { createWorkspace, type NewWorkspace } from '@holdfast/activities/workspace/create-workspace';
import { requestDelete } from '@holdfast/activities/workspace/delete-workspace';
import { tokenHash } from '@holdfast/activities/token/tokens';
import { type TestDatabase, testDatabase } from '@holdfast/infra/testing/index';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { givenWorkspace } from '../given-workspace.ts';
import { thrownBy } from '../operation/given-operation.ts';
import { aWorkspace } from '@holdfast/infra/testing/a-workspace';
import { context } from './create-context.ts';

let kit: TestDatabase;
beforeAll(async () => {
  kit = await testDatabase();
});
afterAll(() => kit.dispose());

const create = (fields: Partial<NewWorkspace> = {}) =>
  kit.database.$transaction((tx) => createWorkspace(tx, aWorkspace(fields), context));
const row = (id: string) => kit.database.workspace.findUniqueOrThrow({ where: { id } });
const events = async (workspaceId: string) =>
  (await kit.database.structureEvent.findMany({ where: { workspaceId }, orderBy: { seq: 'asc' } })).map(
    ({ eventType, payload, seq }) => ({ eventType, payload, seq: Number(seq) }),
  );
const counts = async () => ({
  workspaces: await kit.database.workspace.count(),
  secrets: await kit.database.workspaceSecret.count(),
  layouts: await kit.database.canvasLayout.count(),
  memories: await kit.database.agentMemory.count(),
  operations: await kit.database.operation.count(),
  events: await kit.database.structureEvent.count(),
  tokens: await kit.database.workspaceAuthToken.count(),
});
const unstorable = `a${String.fromCharCode(0)}b`;

describe('a workspace the platform runs', () => {
  test('has its secrets, its place, its memories, its event and the operation that owns it', async () => {
    const created = await create({
      name: 'Ada',
      tier: 2,
      secrets: { KEY: 'value', OTHER: 'thing' },
      canvas: { x: 3, y: 4 },
      memories: [{ scope: 'LOCAL', content: 'remember' }],
      compute: { provider: 'aws' },
    });
    if (created.status !== 'provisioning') throw new Error('the platform runs its box');
    expect(created).toMatchObject({ awarenessNamespace: `workspace:${created.id}`, workspaceAccess: 'none' });
    expect(await row(created.id)).toMatchObject({
      name: 'Ada',
      status: 'provisioning',
      operationId: created.operationId,
      boxId: null,
      awarenessNamespace: `workspace:${created.id}`,
      compute: { provider: 'aws' },
    });
    const operation = await kit.database.operation.findUniqueOrThrow({ where: { id: created.operationId } });
    expect(operation).toMatchObject({
      kind: 'provision',
      state: 'accepted',
      actor: 'admin',
      workspaceId: created.id,
      orgId: 'default',
      runId: null,
    });
    const secrets = await kit.database.workspaceSecret.findMany({
      where: { workspaceId: created.id },
      orderBy: { key: 'asc' },
    });
    expect(secrets.map(({ key, encryptedValue }) => [key, context.cipher.open(encryptedValue)])).toEqual([
      ['KEY', 'value'],
      ['OTHER', 'thing'],
    ]);
    expect(await kit.database.canvasLayout.findUnique({ where: { workspaceId: created.id } })).toMatchObject({
      x: 3,
      y: 4,
      collapsed: false,
    });
    expect(await kit.database.agentMemory.count({ where: { workspaceId: created.id } })).toBe(1);
    expect(await events(created.id)).toEqual([
      { eventType: 'WORKSPACE_PROVISIONING', payload: { name: 'Ada', tier: 2, runtime: 'reference' }, seq: 1 },
    ]);
  });

  test.each([
    ['a secret no box could take', { secrets: { GOOD: 'x', 'not a name': 'y' } }],
    ['a parent that is not there', { parentId: '00000000-0000-4000-8000-000000000000' }],
    ['a name Postgres cannot keep', { name: unstorable, secrets: { GOOD: 'x' } }],
    ['a memory Postgres cannot keep', { memories: [{ scope: 'LOCAL', content: unstorable }] }],
  ] as const)('leaves nothing behind when it fails for %s', async (_, fields) => {
    const before = await counts();
    await expect(create(fields as Partial<NewWorkspace>)).rejects.toThrow();
    expect(await counts()).toEqual(before);
  });
});

describe('an external workspace', () => {
  const external = { name: 'Ext', runtime: 'external', external: true } as const;

  test('with an address is online at once and has no operation', async () => {
    const created = await create({ ...external, url: 'https://agent.example/a2a' });
    expect(created).toEqual({ id: created.id, status: 'online', external: true });
    expect(await row(created.id)).toMatchObject({
      status: 'online',
      url: 'https://agent.example/a2a',
      runtime: 'external',
      operationId: null,
    });
    expect(await events(created.id)).toMatchObject([
      { eventType: 'WORKSPACE_PROVISIONING' },
      { eventType: 'WORKSPACE_ONLINE', payload: { name: 'Ext', external: true } },
    ]);
    expect(await kit.database.operation.count({ where: { workspaceId: created.id } })).toBe(0);
  });

  test('without one waits for its agent, with a token that is bound to no box and shown once', async () => {
    const created = await create(external);
    if (created.status !== 'awaiting_agent') throw new Error('it has no address');
    expect(created.token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await kit.database.workspaceAuthToken.findMany({ where: { workspaceId: created.id } })).toMatchObject([
      { purpose: 'agent', boxId: null, revokedAt: null, tokenHash: tokenHash(created.token) },
    ]);
    expect(await row(created.id)).toMatchObject({ status: 'awaiting_agent', operationId: null });
    expect(await events(created.id)).toMatchObject([
      { eventType: 'WORKSPACE_PROVISIONING' },
      { eventType: 'WORKSPACE_AWAITING_AGENT', payload: { name: 'Ext', external: true } },
    ]);
  });
});

describe('a child', () => {
  test('is refused under a removed parent', async () => {
    const parentId = await givenWorkspace(kit.database, { status: 'removed' });
    expect(await thrownBy(create({ parentId }))).toMatchObject({
      code: 'INVALID_REQUEST',
      message: 'invalid workspace payload',
    });
  });

  test('never ends up under a parent that a delete took at the same time', async () => {
    for (let round = 0; round < 20; round += 1) {
      const parentId = await givenWorkspace(kit.database);
      const order = { workspaceId: parentId, confirm: false, purge: false, actor: 'test' };
      const remove = kit.database.$transaction((tx) => requestDelete(tx, order));
      const [created, removed] = await Promise.allSettled([create({ parentId }), remove]);
      const { status } = await row(parentId);
      const children = await kit.database.workspace.count({ where: { parentId } });
      expect({ status, children, created: created.status, removed: removed.status }).toEqual(
        created.status === 'fulfilled'
          ? { status: 'online', children: 1, created: 'fulfilled', removed: 'rejected' }
          : { status: 'removed', children: 0, created: 'rejected', removed: 'fulfilled' },
      );
    }
  });
});
