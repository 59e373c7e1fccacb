import { randomUUID } from 'node:crypto';
import { Prisma } from '@holdfast/prisma';
import { reportBootstrapFailure } from '@holdfast/activities/workspace/bootstrap-failed';
import { requestSwitch } from '@holdfast/activities/workspace/request-switch';
import type { RunRef } from '@holdfast/workflows/operation/ports';
import { beforeAll, describe, expect, test } from 'vitest';
import { givenWorkspace } from '../given-workspace.ts';
import { givenBox } from './given-operation.ts';
import { boxesOf, db, eventsOf, rows, twice, useRows, workspace } from './rows-kit.ts';

useRows();
beforeAll(async () => {
  await db.backend.create({ data: { host: 'clouds', kind: 'control-plane' } });
});

const compute = { provider: 'aws', volume: { root_gb: 40 } };

/** A switch to hetzner that has begun to stop what was there. */
async function switching(columns: Partial<Prisma.WorkspaceCreateInput> = {}) {
  const placed = { backend: 'control-plane', host: 'clouds' };
  const workspaceId = await givenWorkspace(db, {
    ...placed,
    url: 'http://old',
    instanceId: 'i-old',
    compute,
    ...columns,
  });
  const boxId = await givenBox(db, { operationId: randomUUID(), workspaceId, runId: '' }, { current: true });
  await db.box.update({ where: { id: boxId }, data: { ...placed, externalId: 'i-old', provider: 'aws' } });
  const wanted = { workspaceId, provider: 'hetzner', confirmDataLoss: false, actor: 'test' } as const;
  const intake = await db.$transaction((tx) => requestSwitch(tx, wanted));
  if (intake.noop) throw new Error('it moves');
  const run: RunRef = { operationId: intake.operationId, workspaceId, runId: randomUUID() };
  await rows.beginOperation(run);
  await rows.beginSettle({ ...run, beforeCycle: 1 });
  return { run, boxId };
}
const gone = (id: string) => db.box.update({ where: { id }, data: { state: 'gone' } });
const owe = (id: string) => db.box.update({ where: { id }, data: { state: 'owed', owedReason: 'the cloud is away' } });
const audits = async (workspaceId: string) =>
  (
    await db.structureEvent.findMany({ where: { workspaceId, eventType: 'workspace.provider.switch_stop_exhausted' } })
  ).map(({ payload }) => payload);
const stopExhausted = (workspaceId: string, lastError: string) => ({
  workspace_id: workspaceId,
  old_instance_id: 'i-old',
  old_provider: 'aws',
  new_provider: 'hetzner',
  last_error: lastError,
  recovery_path: 'platform_cleanup',
});

describe('a move', () => {
  test('writes the new cloud and forgets the old instance in one write, keeps the rest, and says so once (SP14)', async () => {
    const { run, boxId } = await switching();
    await gone(boxId);
    await db.$executeRawUnsafe(`
      CREATE TABLE seen AS SELECT compute->>'provider' AS provider, instance_id FROM workspaces LIMIT 0`);
    await db.$executeRawUnsafe(`
      CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO seen VALUES (NEW.compute->>'provider', NEW.instance_id); RETURN NEW; END $$`);
    await db.$executeRawUnsafe(`
      CREATE TRIGGER see AFTER UPDATE OF compute, instance_id ON workspaces FOR EACH ROW EXECUTE FUNCTION see()`);
    expect(await rows.moveProvider(run)).toEqual({ to: 'hetzner' });
    expect(await db.$queryRaw`SELECT * FROM seen`).toEqual([{ provider: 'hetzner', instance_id: null }]);
    await db.$executeRawUnsafe('DROP TRIGGER see ON workspaces');
    expect(await workspace(run.workspaceId)).toMatchObject({
      status: 'provisioning',
      url: 'http://old',
      instanceId: null,
      compute: { ...compute, provider: 'hetzner' },
    });
    await rows.moveProvider(run);
    expect(await eventsOf(run.workspaceId)).toEqual(['WORKSPACE_PROVISIONING']);
  });

  test('takes a row without compute for one with an empty one', async () => {
    const { run, boxId } = await switching({ compute: Prisma.DbNull });
    await gone(boxId);
    await rows.moveProvider(run);
    expect((await workspace(run.workspaceId)).compute).toEqual({ provider: 'hetzner' });
  });

  test('from a box that was stopped leaves nothing to clean up', async () => {
    const { run, boxId } = await switching();
    await gone(boxId);
    await rows.moveProvider(run);
    expect(await audits(run.workspaceId)).toEqual([]);
  });

  test('from a box that did not stop is audited once, by the id that the row had (SP13)', async () => {
    const { run, boxId } = await switching();
    await owe(boxId);
    await rows.moveProvider(run);
    await rows.moveProvider(run);
    expect(await audits(run.workspaceId)).toEqual([stopExhausted(run.workspaceId, 'the cloud is away')]);
  });

  test('from a box that an earlier operation could not stop either is audited: the row names it no more', async () => {
    const { run, boxId } = await switching({ status: 'failed' });
    await db.operation.update({ where: { id: run.operationId }, data: { priorBoxId: null } });
    await owe(boxId);
    await rows.moveProvider(run);
    expect(await audits(run.workspaceId)).toEqual([stopExhausted(run.workspaceId, 'the cloud is away')]);
  });

  test('from an instance that no box is on record of is audited: nobody else would know of it', async () => {
    const { run, boxId } = await switching();
    await db.box.delete({ where: { id: boxId } });
    await rows.moveProvider(run);
    expect(await audits(run.workspaceId)).toEqual([
      stopExhausted(run.workspaceId, 'nothing is on record of how it was made'),
    ]);
  });

  test('that fails has changed nothing, and is made whole when it is tried again: cloud, instance and audit (SP26)', async () => {
    const { run, boxId } = await switching();
    await owe(boxId);
    await db.$executeRawUnsafe(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$`);
    await db.$executeRawUnsafe(
      'CREATE TRIGGER refuse BEFORE UPDATE OF compute ON workspaces FOR EACH ROW EXECUTE FUNCTION refuse()',
    );
    await expect(rows.moveProvider(run)).rejects.toThrow();
    expect(await workspace(run.workspaceId)).toMatchObject({ instanceId: 'i-old', compute });
    expect(await audits(run.workspaceId)).toEqual([]);
    await db.$executeRawUnsafe('DROP TRIGGER refuse ON workspaces');
    await rows.moveProvider(run);
    expect(await workspace(run.workspaceId)).toMatchObject({ instanceId: null, compute: { provider: 'hetzner' } });
    expect(await audits(run.workspaceId)).toHaveLength(1);
  });

  test('that wakes up late takes neither the new instance from the row nor holds it for the old one', async () => {
    const { run, boxId } = await switching();
    await gone(boxId);
    await rows.moveProvider(run);
    await db.workspace.update({ where: { id: run.workspaceId }, data: { instanceId: 'i-new' } });
    await twice(run, () => rows.moveProvider(run));
    expect((await workspace(run.workspaceId)).instanceId).toBe('i-new');
    expect(await audits(run.workspaceId)).toEqual([]);
  });

  test('that wakes up late does not take away again what has come back', async () => {
    const { run, boxId } = await switching();
    await gone(boxId);
    await rows.moveProvider(run);
    await rows.moveProviderBack(run);
    await twice(run, () => rows.moveProvider(run));
    expect((await workspace(run.workspaceId)).compute).toEqual(compute);
  });

  test('of a workspace that is gone does nothing, and nothing is started (SP17)', async () => {
    const { run } = await switching();
    await db.workspace.delete({ where: { id: run.workspaceId } });
    expect(await rows.moveProvider(run)).toBeNull();
    expect(await rows.mintBox({ ...run, cycle: 1, host: 'clouds', backend: 'control-plane' })).toBeNull();
    expect(await eventsOf(run.workspaceId)).toEqual([]);
    expect((await boxesOf(run.workspaceId)).map(({ state }) => state)).toEqual(['stopping']);
  });
});

describe('the way back of a switch', () => {
  test.each([[{ provider: 'aws', disk: 1 }], [{ provider: '', disk: 1 }], [{ disk: 1 }]])(
    'writes %j back as the row had it, and tells of both clouds by name',
    async (stored) => {
      const { run, boxId } = await switching({ compute: stored });
      await gone(boxId);
      await rows.moveProvider(run);
      expect(await twice(run, () => rows.moveProviderBack(run))).toEqual({ to: 'aws' });
      expect(await workspace(run.workspaceId)).toMatchObject({ instanceId: null, compute: stored });
      const events = await db.structureEvent.findMany({
        where: { workspaceId: run.workspaceId },
        orderBy: { seq: 'asc' },
      });
      expect(events.map(({ payload }) => payload)).toMatchObject([
        { provider_from: 'aws', provider_to: 'hetzner' },
        { provider_from: 'hetzner', provider_to: 'aws' },
      ]);
    },
  );

  test.each(['online', 'degraded', 'offline', 'failed', 'awaiting_agent'] as const)(
    'before the stop gives a workspace that was %s its status and its box back (SP25)',
    async (status) => {
      const { run, boxId } = await switching({ status });
      expect(await twice(run, () => rows.restoreBeforeSwitch({ ...run, moved: false }))).toEqual({ restored: true });
      expect(await workspace(run.workspaceId)).toMatchObject({ status, boxId, instanceId: 'i-old', compute });
      expect((await boxesOf(run.workspaceId)).map(({ state }) => state)).toEqual(['running']);
      expect(await eventsOf(run.workspaceId)).toEqual([]);
    },
  );

  test('after the stop does not say that it runs: it is brought up again (SP25, GAP 11)', async () => {
    const { run, boxId } = await switching();
    await gone(boxId);
    expect(await twice(run, () => rows.restoreBeforeSwitch({ ...run, moved: false }))).toEqual({ restored: false });
    expect((await workspace(run.workspaceId)).status).toBe('provisioning');
  });

  test('after the move leaves the old box to be stopped, also if it still runs', async () => {
    const { run, boxId } = await switching();
    await owe(boxId);
    expect(await rows.restoreBeforeSwitch({ ...run, moved: true })).toEqual({ restored: false });
    expect((await boxesOf(run.workspaceId)).map(({ state }) => state)).toEqual(['owed']);
  });

  test.each(['paused', 'hibernated', 'failed', 'online'] as const)(
    'of a workspace that was %s says that it begins anew after its new box has crashed while it booted',
    async (status) => {
      const { run, boxId } = await switching({ status });
      await gone(boxId);
      if (status !== 'online')
        await db.operation.update({ where: { id: run.operationId }, data: { priorBoxId: null } });
      await rows.moveProvider(run);
      await rows.beginCycle({ ...run, cycle: 1 });
      await rows.mintBox({ ...run, cycle: 1, host: 'clouds', backend: 'control-plane' });
      const crash = { workspaceId: run.workspaceId, error: 'kernel panic', logTail: '', boxId: null };
      expect(await db.$transaction((tx) => reportBootstrapFailure(tx, crash))).toBe(true);
      await rows.beginSettle({ ...run, beforeCycle: 2, ownOnly: true });
      await rows.moveProviderBack(run);
      expect((await workspace(run.workspaceId)).status).toBe('provisioning');
      const { restored } = (await twice(run, () => rows.restoreBeforeSwitch({ ...run, moved: true })))!;
      expect(restored).toBe(status !== 'online');
      expect((await workspace(run.workspaceId)).status).toBe(restored ? status : 'provisioning');
    },
  );

  test('leaves a status alone that somebody else has advanced (SP10)', async () => {
    const { run } = await switching();
    await db.workspace.update({ where: { id: run.workspaceId }, data: { status: 'removed' } });
    await rows.restoreBeforeSwitch({ ...run, moved: false });
    expect((await workspace(run.workspaceId)).status).toBe('removed');
  });
});
