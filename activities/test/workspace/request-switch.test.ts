import { requestDelete } from '@holdfast/activities/workspace/delete-workspace';
import { requestSwitch } from '@holdfast/activities/workspace/request-switch';
import { isLockAwaited, waitFor } from '@holdfast/infra/testing/index';
import type { CloudProvider } from '@holdfast/workflows/box/box';
import { operationKinds } from '@holdfast/workflows/operation/operation';
import type { WorkspaceStatus } from '@holdfast/workflows/workspace/status';
import type { Prisma } from '@holdfast/prisma';
import { beforeAll, describe, expect, test } from 'vitest';
import { givenWorkspace } from '../given-workspace.ts';
import { everythingOf, givenBox, givenOperation, givenOwner, thrownBy } from '../operation/given-operation.ts';
import { boxesOf, db, eventsOf, operation, useRows, workspace } from '../operation/rows-kit.ts';

useRows();
beforeAll(async () => {
  await db.backend.create({ data: { host: 'clouds', kind: 'control-plane' } });
});

const onCloud = (wanted: Partial<Prisma.WorkspaceCreateInput> = {}) =>
  givenWorkspace(db, {
    backend: 'control-plane',
    host: 'clouds',
    compute: { provider: 'aws', volume: { root_gb: 40 } },
    ...wanted,
  });
const switchTo = (workspaceId: string, provider: CloudProvider = 'hetzner', confirmDataLoss = false) =>
  db.$transaction((tx) => requestSwitch(tx, { workspaceId, provider, confirmDataLoss, actor: 'test' }));

/** A refusal by a guard has changed nothing: not the status, not a box, not an event. */
async function refused(id: string, code: string, message: string, provider?: CloudProvider): Promise<void> {
  const before = await everythingOf(db, id);
  expect(await thrownBy(switchTo(id, provider))).toMatchObject({ code, message });
  expect(await everythingOf(db, id)).toEqual(before);
}

describe('the claim of a switch', () => {
  test.each(['online', 'degraded', 'offline', 'failed', 'paused', 'hibernated', 'awaiting_agent'] as const)(
    'of a workspace that is %s changes the status and nothing else (SP6)',
    async (status) => {
      const id = await onCloud({ status, url: 'http://old', instanceId: 'i-1' });
      const intake = await switchTo(id);
      if (intake.noop) throw new Error('it moves');
      expect(intake).toMatchObject({ from: 'aws', to: 'hetzner' });
      expect(await workspace(id)).toMatchObject({
        status: 'provisioning',
        operationId: intake.operationId,
        url: 'http://old',
        instanceId: 'i-1',
        compute: { provider: 'aws', volume: { root_gb: 40 } },
      });
      expect(await operation(intake.operationId)).toMatchObject({
        kind: 'switch',
        priorStatus: status,
        request: { provider_from: 'aws', provider_to: 'hetzner', provider_stored: 'aws' },
      });
      expect(await eventsOf(id)).toEqual([]);
    },
  );

  test('incident 16: is won by one of fifty at once; the others change nothing and stop nothing (SP2, SP5, SP9)', async () => {
    const id = await onCloud();
    const old = await givenOperation(db, id, { kind: 'provision', state: 'succeeded' });
    await givenBox(db, { operationId: old, workspaceId: id, runId: '' }, { current: true, host: 'clouds' });
    const results = await Promise.allSettled(Array.from({ length: 50 }, () => switchTo(id)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'ALREADY_SWITCHING' });
    }
    expect(await db.operation.count({ where: { workspaceId: id, kind: 'switch' } })).toBe(1);
    expect((await workspace(id)).status).toBe('provisioning');
    expect((await boxesOf(id)).map(({ state }) => state)).toEqual(['running']);
  });

  test('compares the cloud as it is when its turn comes: what has been switched meanwhile is switched already (SP4)', async () => {
    const id = await onCloud();
    const late = await db.$transaction(async (tx) => {
      await tx.$executeRaw`SELECT 1 FROM workspaces WHERE id = ${id}::uuid FOR UPDATE`;
      const waiting = switchTo(id, 'hetzner');
      await waitFor(() => isLockAwaited(tx));
      await tx.workspace.update({ where: { id }, data: { compute: { provider: 'hetzner' } } });
      return { waiting };
    });
    expect(await late.waiting).toEqual({ noop: true, provider: 'hetzner' });
    expect(await db.operation.count({ where: { workspaceId: id } })).toBe(0);
  });

  test('finds a workspace that was deleted while it waited removed, and leaves it so (SP23, GAP 10)', async () => {
    const id = await onCloud();
    const late = await db.$transaction(async (tx) => {
      await requestDelete(tx, { workspaceId: id, confirm: true, purge: false, actor: 'test' });
      const waiting = thrownBy(switchTo(id));
      await waitFor(() => isLockAwaited(tx));
      return { waiting };
    });
    expect(await late.waiting).toMatchObject({ code: 'WORKSPACE_NOT_FOUND' });
    expect(await workspace(id)).toMatchObject({ status: 'removed', compute: { provider: 'aws' } });
    expect(await db.operation.findMany({ where: { workspaceId: id } })).toMatchObject([{ kind: 'delete' }]);
  });

  test.each(operationKinds.filter((kind) => kind !== 'delete'))(
    'is refused while a %s has the workspace (SP3)',
    async (kind) => {
      const id = await onCloud({ status: kind === 'pause' ? 'paused' : 'provisioning' });
      const owner = await givenOwner(db, id, { kind, phase: 'start' });
      const before = await everythingOf(db, id);
      expect(await thrownBy(switchTo(id))).toMatchObject({
        code: 'ALREADY_SWITCHING',
        message: 'ALREADY_SWITCHING',
        facts: {
          detail: expect.any(String) as string,
          operation_id: owner.operationId,
          operation_kind: kind,
          phase: 'start',
        },
      });
      expect(await everythingOf(db, id)).toEqual(before);
    },
  );

  test.each<WorkspaceStatus>(['provisioning', 'hibernating'])(
    'is refused for a workspace that is %s with no owner (SP23)',
    async (status) => {
      await refused(await onCloud({ status }), 'ALREADY_SWITCHING', 'ALREADY_SWITCHING');
    },
  );
});

describe('the guards of a switch', () => {
  test('know neither a removed workspace nor one that was never there', async () => {
    await refused(await onCloud({ status: 'removed' }), 'WORKSPACE_NOT_FOUND', 'workspace not found');
    await refused('e1e1e1e1-0000-4000-8000-000000000000', 'WORKSPACE_NOT_FOUND', 'workspace not found');
  });

  test.each(['docker', 'process'])('refuse a workspace on %s', async (backend) => {
    const text = 'provider switching is only available for cloud (SaaS) workspaces';
    await refused(await onCloud({ backend }), 'NOT_SWITCHABLE', text);
  });

  test.each(['external', 'mock'])('refuse runtime %s', async (runtime) => {
    await refused(await onCloud({ runtime }), 'NOT_SWITCHABLE', `${runtime} workspaces have no cloud box to switch`);
  });

  test('refuse below a paused workspace', async () => {
    const parent = await onCloud({ name: 'team', status: 'paused' });
    const id = await onCloud({ parent: { connect: { id: parent } } });
    await refused(id, 'PARENT_PAUSED', 'parent workspace "team" is paused — resume it first');
  });

  test.each([[{ provider: 'aws' }], [{ provider: '' }], [{}]])('take %j for aws already (SP18)', async (compute) => {
    const id = await onCloud({ compute });
    const before = await everythingOf(db, id);
    expect(await switchTo(id, 'aws')).toEqual({ noop: true, provider: 'aws' });
    expect(await everythingOf(db, id)).toEqual(before);
  });

  test('take a workspace that has no place yet for one on aws, where it would come', async () => {
    const [id, other] = [
      await onCloud({ backend: null, host: null, compute: {} }),
      await onCloud({ backend: null, host: null }),
    ];
    expect(await switchTo(id, 'aws')).toEqual({ noop: true, provider: 'aws' });
    expect(await switchTo(id, 'hetzner')).toMatchObject({ noop: false, from: 'aws', to: 'hetzner' });
    await db.backend.create({ data: { host: 'an-engine', kind: 'docker' } });
    await db.backend.update({
      where: { host_kind: { host: 'clouds', kind: 'control-plane' } },
      data: { seenAt: new Date(0) },
    });
    const text = 'provider switching is only available for cloud (SaaS) workspaces';
    await refused(other, 'NOT_SWITCHABLE', text);
    await db.backend.deleteMany({ where: { kind: 'docker' } });
  });

  test('come in their order: a workspace where it is to be is a no-op, and data is asked about, whatever is under way', async () => {
    const persistent = { provider: 'aws', data_persistence: 'persist' };
    const id = await onCloud({ status: 'provisioning', compute: persistent });
    await givenOwner(db, id, { kind: 'restart', phase: 'start' });
    expect(await switchTo(id, 'aws')).toEqual({ noop: true, provider: 'aws' });
    await refused(id, 'DATA_LOSS_UNCONFIRMED', 'DATA_LOSS_UNCONFIRMED');
    expect(await thrownBy(switchTo(id, 'hetzner', true))).toMatchObject({ code: 'ALREADY_SWITCHING' });

    const paused = await onCloud({ name: 'team', status: 'paused' });
    const below = { parent: { connect: { id: paused } }, compute: persistent };
    const [docker, external] = [
      await onCloud({ ...below, backend: 'docker' }),
      await onCloud({ ...below, runtime: 'external' }),
    ];
    expect(await thrownBy(switchTo(docker, 'aws'))).toMatchObject({ code: 'NOT_SWITCHABLE' });
    expect(await thrownBy(switchTo(external, 'aws'))).toMatchObject({ code: 'NOT_SWITCHABLE' });
    const member = await onCloud(below);
    expect(await thrownBy(switchTo(member, 'aws'))).toMatchObject({ code: 'PARENT_PAUSED' });
  });

  test('ask before persistent data is lost, and take a yes (SP18)', async () => {
    const id = await onCloud({ compute: { provider: 'aws', data_persistence: 'persist' } });
    await refused(id, 'DATA_LOSS_UNCONFIRMED', 'DATA_LOSS_UNCONFIRMED');
    expect(await switchTo(id, 'hetzner', true)).toMatchObject({ noop: false });
  });
});
