import { randomUUID } from 'node:crypto';
import { CLOUD_START_MS } from '@holdfast/infra/testing/clouds/index';
import { defaultOperationSettings } from '@holdfast/workflows/operation/operation';
import type { OperationPort, RunRef } from '@holdfast/workflows/operation/ports';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { settleBoxes } from '../src/box/settle-boxes.ts';
import { startBox } from '../src/box/start-box.ts';
import { sweepHost } from '../src/box/sweep/sweep.ts';
import { operationRecords } from '../src/operation/operation-records.ts';
import { requestSwitch } from '../src/workspace/request-switch.ts';
import { aPulse, type BoxRig, boxRig, givenOperation } from './box-given.ts';
import { type CloudRig, givenClouds } from './control-plane-given.ts';

let clouds: CloudRig;
let rig: BoxRig;
let rows: OperationPort;
beforeAll(async () => {
  clouds = await givenClouds(['aws', 'hetzner']);
  const db = clouds.db.database;
  rig = boxRig(db, { backends: (_, owner) => [clouds.backend({ owner })], platformUrl: 'http://127.0.0.1:9' });
  const { cipher, owner } = rig.context;
  const deadlineMs = () => 60_000;
  rows = operationRecords({ db, cipher, owner, settings: defaultOperationSettings, deadlineMs });
  await db.backend.create({ data: { host: rig.context.host, kind: 'control-plane' } });
}, CLOUD_START_MS);
afterAll(() => clouds.close());

const db = () => clouds.db.database;
const place = () => ({ host: rig.context.host, backend: 'control-plane' }) as const;
const sweep = () => sweepHost(rig.context, { poke: () => Promise.resolve() }, { dryRun: false, force: true });
const findings = async () => (await sweep()).findings.filter(({ kind }) => kind === 'volumes');

async function started(order: RunRef): Promise<string> {
  const placed = { ...order, ...place(), cycle: 1 };
  const { boxId } = (await rows.mintBox(placed)) ?? { boxId: '' };
  await startBox(rig.context, { ...placed, boxId }, aPulse());
  return boxId;
}
/** The operation has ended and nobody owns the workspace, as its run leaves it. */
async function over({ operationId, workspaceId }: RunRef, state: 'succeeded' | 'compensated'): Promise<void> {
  await db().operation.update({ where: { id: operationId }, data: { state, endedAt: new Date() } });
  await db().workspace.update({ where: { id: workspaceId }, data: { status: 'online', operationId: null } });
}
/** A workspace whose data outlives its machine, moved from aws to hetzner; the switch has not ended. */
async function moved() {
  const compute = { provider: 'aws', data_persistence: 'persist' };
  const given = await givenOperation(rig, 'provision', { compute });
  const old = await started(given.order);
  await over(given.order, 'succeeded');
  const { workspaceId } = given;
  const wanted = { workspaceId, provider: 'hetzner', confirmDataLoss: true, actor: 'test' } as const;
  const intake = await db().$transaction((tx) => requestSwitch(tx, wanted));
  if (intake.noop) throw new Error('it moves');
  const run = { operationId: intake.operationId, workspaceId, runId: randomUUID() };
  await rows.beginOperation(run);
  await rows.beginSettle({ ...run, beforeCycle: 1 });
  await settleBoxes(rig.context, { ...run, ...place(), cycle: 1, limitMs: 30_000 }, aPulse());
  await rows.moveProvider(run);
  return { run, workspaceId, old, next: await started(run) };
}
const deletedAtAws = () =>
  clouds.clouds
    .find(({ name }) => name === 'aws')
    ?.requests.flatMap(({ text }) => /Action=DeleteVolume.*VolumeId=([\w-]+)/.exec(text)?.[1] ?? []);
/** Whether the control plane was told to remove the disk of a box. */
async function isPruned(boxId: string): Promise<boolean> {
  const [row] = await db().$queryRaw<{ prune: boolean }[]>`
    SELECT prune FROM control_plane.instances WHERE box_id = ${boxId}::uuid`;
  return row?.prune ?? false;
}

describe('what a workspace kept on disk in a cloud that it has left', () => {
  test('stays while the switch may still go back, and is removed once it has ended, which is noted once', async () => {
    const { run, workspaceId, old, next } = await moved();
    expect(await findings()).toEqual([]);
    expect(deletedAtAws()).toEqual([]);
    await over(run, 'succeeded');
    expect(await findings()).toMatchObject([{ workspaceId, boxId: old, done: true }]);
    expect(new Set(deletedAtAws()).size).toBe(1);
    expect([await isPruned(old), await isPruned(next)]).toEqual([true, false]);
    expect(await findings()).toEqual([]);
    const audits = { workspaceId, eventType: 'workspace.provider.switch_disk_removed' };
    expect(await db().structureEvent.findMany({ where: audits })).toMatchObject([
      { targetId: run.operationId, payload: { old_provider: 'aws' }, seq: null },
    ]);
  });

  test('is removed in the cloud that a compensated switch came back from, and kept where the workspace is', async () => {
    const { run, workspaceId, old, next } = await moved();
    await rows.beginSettle({ ...run, beforeCycle: 2 });
    await settleBoxes(rig.context, { ...run, ...place(), cycle: 1, limitMs: 30_000 }, aPulse());
    await rows.moveProviderBack(run);
    await over(run, 'compensated');
    expect(await findings()).toMatchObject([{ workspaceId, boxId: next, done: true }]);
    expect([await isPruned(old), await isPruned(next)]).toEqual([false, true]);
  });

  test('waits for a machine there that has not ended yet', async () => {
    const { run, old } = await moved();
    await db().box.update({
      where: { id: old },
      data: { state: 'owed', nextAttemptAt: new Date(Date.now() + 60_000) },
    });
    await over(run, 'succeeded');
    expect(await findings()).toEqual([]);
    expect(await isPruned(old)).toBe(false);
  });
});
