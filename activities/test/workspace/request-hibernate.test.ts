import { requestHibernate } from '@holdfast/activities/workspace/request-hibernate';
import { requestWake } from '@holdfast/activities/workspace/request-wake';
import { operationKinds } from '@holdfast/workflows/operation/operation';
import { workspaceStatuses } from '@holdfast/workflows/workspace/status';
import { describe, expect, test } from 'vitest';
import { givenWorkspace } from '../given-workspace.ts';
import { everythingOf, givenOwner, thrownBy } from '../operation/given-operation.ts';
import { db, eventsOf, operation, useRows, workspace } from '../operation/rows-kit.ts';

useRows();

const hibernate = (workspaceId: string, force = false, more: { abandoned?: true } = {}) =>
  db.$transaction((tx) => requestHibernate(tx, { workspaceId, force, actor: 'test', ...more }));
const wake = (workspaceId: string) => db.$transaction((tx) => requestWake(tx, { workspaceId, actor: 'test' }));
const notHibernatable = {
  code: 'WORKSPACE_NOT_FOUND',
  message: 'workspace not found or not in a hibernatable state (must be online or degraded)',
};
const hibernatable = ['online', 'degraded'] as const;

describe('a hibernation', () => {
  test.each(hibernatable)(
    'claims a workspace that is %s, without an event and without touching its address',
    async (status) => {
      const id = await givenWorkspace(db, { status, url: 'http://box' });
      const { operationId } = await hibernate(id);
      expect(await workspace(id)).toMatchObject({ status: 'hibernating', operationId, url: 'http://box' });
      expect((await operation(operationId)).priorStatus).toBe(status);
      expect(await eventsOf(id)).toEqual([]);
    },
  );

  test.each(workspaceStatuses.filter((status) => !hibernatable.includes(status as never)))(
    'is refused for a workspace that is %s',
    async (status) => {
      const id = await givenWorkspace(db, { status });
      const before = await everythingOf(db, id);
      expect(await thrownBy(hibernate(id, true))).toMatchObject(notHibernatable);
      expect(await everythingOf(db, id)).toEqual(before);
    },
  );

  test.each(operationKinds)('is refused while a %s runs', async (kind) => {
    const id = await givenWorkspace(db);
    await givenOwner(db, id, { kind });
    expect(await thrownBy(hibernate(id, true))).toMatchObject(notHibernatable);
  });

  test.each(['external', 'mock'])('is refused for runtime %s, which has no box to stop', async (runtime) => {
    expect(await thrownBy(hibernate(await givenWorkspace(db, { runtime })))).toMatchObject(notHibernatable);
  });

  test('is refused while the agent has tasks, and says how many', async () => {
    const id = await givenWorkspace(db, { activeTasks: 3 });
    expect(await thrownBy(hibernate(id))).toMatchObject({
      code: 'ACTIVE_TASKS',
      message: 'workspace has active tasks; use ?force=true to terminate them',
      facts: { active_tasks: 3 },
    });
    expect((await workspace(id)).status).toBe('online');
  });

  test('by force ends the tasks and claims it all the same', async () => {
    const id = await givenWorkspace(db, { activeTasks: 3 });
    await hibernate(id, true);
    expect(await workspace(id)).toMatchObject({ status: 'hibernating', activeTasks: 0 });
  });

  test('that nobody carries out any more is taken up, and only such a one', async () => {
    const id = await givenWorkspace(db, { status: 'hibernating', activeTasks: 1 });
    const { operationId } = await hibernate(id, false, { abandoned: true });
    expect(await workspace(id)).toMatchObject({ status: 'hibernating', operationId });
    expect(await thrownBy(hibernate(id, false, { abandoned: true }))).toMatchObject(notHibernatable);
    expect(await thrownBy(hibernate(await givenWorkspace(db), false, { abandoned: true }))).toMatchObject(
      notHibernatable,
    );
  });

  test('of ten at once is taken once', async () => {
    const id = await givenWorkspace(db);
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => hibernate(id)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('a wake', () => {
  test('brings a hibernated workspace back', async () => {
    const id = await givenWorkspace(db, { status: 'hibernated' });
    const { operationId } = await wake(id);
    expect(await workspace(id)).toMatchObject({ status: 'provisioning', operationId });
    expect(await eventsOf(id)).toEqual(['WORKSPACE_PROVISIONING']);
  });

  test('of ten at once makes one operation, which all of them get', async () => {
    const id = await givenWorkspace(db, { status: 'hibernated' });
    const answers = await Promise.all(Array.from({ length: 10 }, () => wake(id)));
    expect(new Set(answers.map(({ operationId }) => operationId)).size).toBe(1);
    expect(await eventsOf(id)).toEqual(['WORKSPACE_PROVISIONING']);
  });

  test('waits behind a hibernation that is under way', async () => {
    const id = await givenWorkspace(db, { status: 'hibernating' });
    await givenOwner(db, id, { kind: 'hibernate' });
    const { operationId } = await wake(id);
    expect((await operation(operationId)).state).toBe('accepted');
    expect((await workspace(id)).status).toBe('hibernating');
  });

  test.each(workspaceStatuses.filter((status) => status !== 'hibernated' && status !== 'hibernating'))(
    'is refused for a workspace that is %s',
    async (status) => {
      const id = await givenWorkspace(db, { status });
      expect(await thrownBy(wake(id))).toMatchObject({
        code: 'WORKSPACE_NOT_FOUND',
        message: 'workspace not found or not hibernated',
      });
    },
  );

  test('is refused below a paused workspace', async () => {
    const parent = await givenWorkspace(db, { status: 'paused' });
    const id = await givenWorkspace(db, { status: 'hibernated', parent: { connect: { id: parent } } });
    expect(await thrownBy(wake(id))).toMatchObject({ code: 'PARENT_PAUSED' });
  });
});
