import { requestRestartsAfterGlobalChange } from '@holdfast/activities/workspace/request-restarts';
import { operationKinds } from '@holdfast/workflows/operation/operation';
import { workspaceStatuses } from '@holdfast/workflows/workspace/status';
import { afterEach, describe, expect, test } from 'vitest';
import { givenWorkspace } from '../given-workspace.ts';
import { everythingOf, givenOwner } from '../operation/given-operation.ts';
import { db, eventsOf, operation, useRows, workspace } from '../operation/rows-kit.ts';

useRows();
afterEach(async () => {
  await db.workspaceSecret.deleteMany();
  await db.workspace.deleteMany();
});

const key = 'GLOBAL_KEY';
const change = async (): Promise<string[]> => {
  const restarted = await db.$transaction((tx) =>
    requestRestartsAfterGlobalChange(tx, { key, actor: 'admin', reason: `global secret ${key} saved` }),
  );
  return restarted.map(({ workspaceId }) => workspaceId);
};
const operationsOf = (workspaceId: string) =>
  db.operation.findMany({ where: { workspaceId, reason: `global secret ${key} saved` } });
const skipped = ['paused', 'hibernated', 'removed'] as const;

describe('a change of a global secret', () => {
  test('restarts a workspace as if it had been asked to alone', async () => {
    const id = await givenWorkspace(db, { url: 'http://box', tier: 2, compute: { provider: 'gcp' } });
    expect(await change()).toEqual([id]);
    const [made, ...more] = await operationsOf(id);
    expect(more).toEqual([]);
    expect(made).toMatchObject({
      kind: 'restart',
      state: 'accepted',
      actor: 'admin',
      priorStatus: 'online',
      priorProvider: 'gcp',
      request: {},
    });
    expect(await workspace(id)).toMatchObject({ status: 'provisioning', url: '', operationId: made?.id });
    const events = await db.structureEvent.findMany({ where: { workspaceId: id } });
    expect(events.map(({ eventType, payload }) => [eventType, payload])).toEqual([
      ['WORKSPACE_PROVISIONING', { name: 'a workspace', tier: 2, runtime: 'reference' }],
    ]);
  });

  test.each(workspaceStatuses)(
    'reaches a workspace that is %s or not by the rule of programmatic restarts',
    async (status) => {
      const id = await givenWorkspace(db, { status });
      expect(await change()).toEqual(skipped.includes(status as never) ? [] : [id]);
    },
  );

  test.each(operationKinds)(
    'waits behind a %s that runs, and drops nothing; after a delete it has nothing to do',
    async (kind) => {
      const id = await givenWorkspace(db, { status: 'provisioning' });
      const owner = await givenOwner(db, id, { kind });
      expect(await change()).toEqual(kind === 'delete' ? [] : [id]);
      expect((await workspace(id)).operationId).toBe(owner.operationId);
      expect(await eventsOf(id)).toEqual([]);
    },
  );

  test('spares whoever has a secret of that name, an agent of its own, or a paused workspace above', async () => {
    const shielded = await givenWorkspace(db);
    await db.workspaceSecret.create({ data: { workspaceId: shielded, key, encryptedValue: Buffer.from('x') } });
    const external = await givenWorkspace(db, { runtime: 'external' });
    const paused = await givenWorkspace(db, { status: 'paused' });
    const child = await givenWorkspace(db, { parent: { connect: { id: paused } } });
    const grandchild = await givenWorkspace(db, { parent: { connect: { id: child } } });
    const before = await Promise.all([shielded, external, paused, child, grandchild].map((id) => everythingOf(db, id)));
    expect(await change()).toEqual([]);
    const after = await Promise.all([shielded, external, paused, child, grandchild].map((id) => everythingOf(db, id)));
    expect(after).toEqual(before);
  });

  test('restarts nobody while no worker has ever served a backend, but those that have their place', async () => {
    const backends = await db.backend.findMany();
    await db.backend.deleteMany();
    try {
      await givenWorkspace(db);
      const placed = await givenWorkspace(db, { host: 'elsewhere', backend: 'docker' });
      expect(await change()).toEqual([placed]);
    } finally {
      await db.backend.createMany({ data: backends.map(({ host, kind }) => ({ host, kind })) });
    }
  });

  test('takes as many statements for a thousand workspaces as for one', async () => {
    const statements = async (): Promise<number> => {
      let count = 0;
      await db.$transaction(async (tx) => {
        const counted = new Proxy(tx, {
          get(of, name) {
            if (name === '$queryRaw' || name === '$executeRaw') count += 1;
            return Reflect.get(of, name) as unknown;
          },
        });
        await requestRestartsAfterGlobalChange(counted, { key, actor: 'admin', reason: 'counted' });
      });
      return count;
    };
    await givenWorkspace(db);
    const one = await statements();
    await db.workspace.createMany({
      data: Array.from({ length: 1_000 }, (_, n) => ({
        id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
        orgId: 'default',
        name: `number ${n}`,
        runtime: 'reference',
        status: 'online' as const,
      })),
    });
    expect(await statements()).toBe(one);
    expect(await db.operation.count({ where: { reason: 'counted' } })).toBe(1_002);
    const [first] = await db.operation.findMany({ where: { reason: 'counted' }, take: 1 });
    expect((await operation(first!.id)).state).toBe('accepted');
  });
});
