import { isLockAwaited, waitFor } from '@holdfast/infra/testing/index';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listen } from '../src/http/listen.ts';
import { addWorkspace, addWorkspaceToken, adminToken, type TestGateway, testGateway } from './support/gateway.ts';
import { addRunning } from './support/given.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await testGateway();
  await gateway.db.backend.create({ data: { host: 'clouds', kind: 'control-plane' } });
});
afterAll(() => gateway.close());

const onCloud = (columns: object = {}) =>
  addWorkspace(gateway.db, { backend: 'control-plane', host: 'clouds', compute: { provider: 'aws' }, ...columns });
/** Everything a request could have changed about a workspace but its row. */
const aroundOf = async (workspaceId: string) => {
  const where = { where: { workspaceId } };
  const { db } = gateway;
  return [
    await db.box.findMany(where),
    await db.structureEvent.findMany(where),
    await db.workspaceAuthToken.findMany(where),
    await db.workspaceSecret.findMany(where),
  ];
};
const post = (id: string, body?: unknown, headers: Record<string, string> = {}, query = '') =>
  gateway.call('POST', `/workspaces/${id}/switch-provider${query}`, { body, headers });
const operationsOf = (workspaceId: string) => gateway.db.operation.findMany({ where: { workspaceId } });

describe('POST /workspaces/:id/switch-provider', () => {
  test('answers 202 with both clouds, and pokes', async () => {
    const id = await onCloud();
    const answer = await post(id, { provider: ' Hetzner ', migrate_data: true });
    expect(answer.statusCode).toBe(202);
    const [operation] = await operationsOf(id);
    expect(answer.json()).toEqual({
      status: 'switching',
      workspace_id: id,
      from: 'aws',
      to: 'hetzner',
      operation_id: operation?.id,
    });
    expect(operation).toMatchObject({ kind: 'switch', state: 'accepted', actor: 'admin-token' });
    expect(gateway.poked).toContain(id);
  });

  test.each<[string, unknown, string]>([
    ['a broken body', '{', 'invalid JSON body'],
    ['a provider that is no text', { provider: 1 }, 'invalid JSON body'],
    ['no body', undefined, 'provider is required'],
    ['no provider', {}, 'provider is required'],
    ['an empty provider', { provider: '  ' }, 'provider is required'],
    ['a provider that nobody has', { provider: 'azure' }, 'unsupported provider (want aws|gcp|hetzner)'],
  ])('answers 400 to %s, before the workspace is looked for (SP20)', async (_, body, error) => {
    const answer = await post('e1e1e1e1-0000-4000-8000-000000000000', body);
    expect([answer.statusCode, answer.json()]).toEqual([400, expect.objectContaining({ error })]);
  });

  test.each<[string, object, number, object]>([
    ['an unknown or removed workspace', { status: 'removed' }, 404, { error: 'workspace not found' }],
    [
      'a workspace without a cloud',
      { backend: 'docker' },
      409,
      { error: 'provider switching is only available for cloud (SaaS) workspaces' },
    ],
    ['an external one', { runtime: 'external' }, 409, { error: 'external workspaces have no cloud box to switch' }],
    ['one that is there already', { compute: { provider: 'gcp' } }, 200, { status: 'noop', provider: 'gcp' }],
    [
      'one whose data would be lost',
      { compute: { data_persistence: 'persist' } },
      409,
      { error: 'DATA_LOSS_UNCONFIRMED', detail: expect.any(String) },
    ],
    [
      'one that is being changed',
      { status: 'provisioning' },
      409,
      { error: 'ALREADY_SWITCHING', detail: expect.any(String) },
    ],
  ])('answers %s by its row of the table, and changes nothing', async (_, columns, status, body) => {
    const id = await onCloud(columns);
    const before = await gateway.db.workspace.findUnique({ where: { id } });
    const answer = await post(id, { provider: 'gcp' });
    expect([answer.statusCode, answer.json()]).toEqual([status, expect.objectContaining(body)]);
    expect(await gateway.db.workspace.findUnique({ where: { id } })).toEqual(before);
    expect(await operationsOf(id)).toEqual([]);
  });

  test('incident 16: answers one of fifty callers 202 and the others 409, and of those there is no trace (SP2, SP3, SP5)', async () => {
    const { id, boxId } = await addRunning(gateway.db, {
      backend: 'control-plane',
      host: 'clouds',
      compute: { provider: 'aws' },
      instanceId: 'i-old',
      url: 'http://old',
    });
    await addWorkspaceToken(gateway.db, id, 'agent');
    const around = await aroundOf(id);
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(id, { provider: 'gcp' })));
    const won = answers.filter(({ statusCode }) => statusCode === 202);
    const lost = answers.filter(({ statusCode }) => statusCode === 409);
    expect([won.length, lost.length]).toEqual([1, 49]);
    const [{ operation_id: winner }] = won.map((answer) => answer.json<{ operation_id: string }>()) as [
      { operation_id: string },
    ];
    for (const answer of lost) {
      const { error, detail, operation_id: owner } = answer.json<Record<string, string>>();
      expect({ error, detail, owner }).toEqual({
        error: 'ALREADY_SWITCHING',
        detail: expect.any(String) as string,
        owner: winner,
      });
    }
    expect((await operationsOf(id)).map((operation) => operation.id)).toEqual([winner]);
    expect(await gateway.db.operationStep.count({ where: { operationId: winner } })).toBe(0);
    expect(await gateway.db.workspace.findUnique({ where: { id } })).toMatchObject({
      status: 'provisioning',
      operationId: winner,
      boxId,
      instanceId: 'i-old',
      url: 'http://old',
      compute: { provider: 'aws' },
    });
    expect(await aroundOf(id)).toEqual(around);
    expect(gateway.poked.filter((poked) => poked === id)).toHaveLength(1);
  });

  test('a caller who hangs up neither stops nor strands it (SP7)', async () => {
    const id = await onCloud();
    const listening = await listen(gateway.app, ['127.0.0.1'], 0);
    const leaving = new AbortController();
    const call = fetch(`${listening.urls[0]}/workspaces/${id}/switch-provider`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ provider: 'gcp' }),
      signal: leaving.signal,
    }).catch(() => undefined);
    // The row is held, so that the caller leaves while the claim waits for it.
    await gateway.db.$transaction(async (tx) => {
      await tx.$executeRaw`SELECT 1 FROM workspaces WHERE id = ${id}::uuid FOR UPDATE`;
      await waitFor(() => isLockAwaited(tx));
      leaving.abort();
      await call;
    });
    await waitFor(() => gateway.poked.includes(id));
    expect(await operationsOf(id)).toMatchObject([{ kind: 'switch', state: 'accepted', cancelRequestedAt: null }]);
  });

  test('tells whoever repeats a switch that is done what to do if it failed there (GAP 24)', async () => {
    const id = await onCloud({ status: 'failed', compute: { provider: 'gcp' } });
    const answer = await post(id, { provider: 'gcp' });
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { status: 'noop', provider: 'gcp', message: expect.stringContaining('restart it') as string },
    ]);
  });

  test('says so when the claim cannot be written, and has changed nothing', async () => {
    const id = await onCloud();
    await gateway.db.$executeRawUnsafe(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$`);
    await gateway.db.$executeRawUnsafe(
      `CREATE TRIGGER refuse BEFORE UPDATE OF status ON workspaces FOR EACH ROW WHEN (NEW.id = '${id}') EXECUTE FUNCTION refuse()`,
    );
    const answer = await post(id, { provider: 'gcp' });
    await gateway.db.$executeRawUnsafe('DROP TRIGGER refuse ON workspaces');
    expect([answer.statusCode, answer.json()]).toEqual([
      500,
      expect.objectContaining({ error: 'failed to claim switch', code: 'INTERNAL' }),
    ]);
    expect(answer.body).not.toContain('the disk is full');
    expect(await operationsOf(id)).toEqual([]);
    expect((await post(id, { provider: 'gcp' })).statusCode).toBe(202);
  });

  test('gives the same key the same answer, and moves once', async () => {
    const id = await onCloud();
    const key = { 'idempotency-key': `switch-${id}` };
    const [one, two] = [await post(id, { provider: 'gcp' }, key), await post(id, { provider: 'gcp' }, key)];
    expect(two.json()).toEqual(one.json());
    expect(two.statusCode).toBe(202);
    expect(await operationsOf(id)).toHaveLength(1);
  });

  test('plans without doing anything', async () => {
    const id = await onCloud();
    const answer = await post(id, { provider: 'gcp' }, {}, '?dry_run=true');
    expect(answer.json()).toMatchObject({ dry_run: true, verb: 'switch', status: 'switching' });
    const [target] = answer.json<{ targets: { decision: string; steps: string[] }[] }>().targets;
    expect(target).toMatchObject({ decision: 'run' });
    expect(target?.steps).toEqual(
      expect.arrayContaining(['prepare', 'settle', 'move', 'mint', 'start', 'await', 'finish']),
    );
    expect(await operationsOf(id)).toEqual([]);
    expect((await gateway.db.workspace.findUniqueOrThrow({ where: { id } })).status).toBe('online');
  });

  test('takes the token of the workspace itself, and of no other', async () => {
    const id = await onCloud();
    const other = await addWorkspaceToken(gateway.db, await onCloud());
    const refused = await gateway.call('POST', `/workspaces/${id}/switch-provider`, {
      token: other,
      body: { provider: 'gcp' },
    });
    expect(refused.statusCode).toBe(401);
    const token = await addWorkspaceToken(gateway.db, id);
    const taken = await gateway.call('POST', `/workspaces/${id}/switch-provider`, { token, body: { provider: 'gcp' } });
    expect(taken.statusCode).toBe(202);
  });
});
