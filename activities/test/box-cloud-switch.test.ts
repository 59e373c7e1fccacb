import { randomUUID } from 'node:crypto';
import { CLOUD_START_MS } from '@holdfast/infra/testing/clouds/index';
import { waitFor } from '@holdfast/infra/testing/index';
import type { CloudProvider } from '@holdfast/workflows/box/box';
import { defaultOperationSettings } from '@holdfast/workflows/operation/operation';
import type { OperationPort, RunRef } from '@holdfast/workflows/operation/ports';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { finishOwedBoxes } from '../src/box/finish-owed.ts';
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
const PATIENCE_MS = 60_000;
const poker = { poke: () => Promise.resolve() };
const place = () => ({ host: rig.context.host, backend: 'control-plane' }) as const;

beforeAll(async () => {
  clouds = await givenClouds(['aws', 'hetzner']);
  const db = clouds.db.database;
  rig = boxRig(db, { backends: (_, owner) => [clouds.backend({ owner })], platformUrl: 'http://127.0.0.1:9' });
  const { cipher, owner } = rig.context;
  const deadlineMs = () => PATIENCE_MS;
  rows = operationRecords({ db, cipher, owner, settings: defaultOperationSettings, deadlineMs });
  await db.backend.create({ data: { host: rig.context.host, kind: 'control-plane' } });
}, CLOUD_START_MS);
afterEach(() => clouds.clouds.forEach(({ faults }) => faults.clear()));
afterAll(() => clouds.close());

const db = () => clouds.db.database;
const cloud = (name: CloudProvider) => {
  const found = clouds.clouds.find((one) => one.name === name);
  if (!found) throw new Error(`no cloud ${name}`);
  return found;
};
const row = (id: string) => db().workspace.findUniqueOrThrow({ where: { id } });
const boxOf = (id: string) => db().box.findUniqueOrThrow({ where: { id } });
const machinesOf = (name: CloudProvider, boxId: string) =>
  cloud(name)
    .machines()
    .filter(({ userData }) => userData.includes(boxId));
const auditsOf = (workspaceId: string) =>
  db().structureEvent.findMany({ where: { workspaceId, seq: null }, orderBy: { createdAt: 'asc' } });

/** A workspace that is online on aws: its last operation has ended. */
async function onAws(): Promise<{ workspaceId: string; boxId: string; machine: string }> {
  const given = await givenOperation(rig, 'provision', { compute: { provider: 'aws' } });
  const order = { ...given.order, ...place() };
  const { boxId } = (await rows.mintBox(order)) ?? { boxId: '' };
  await startBox(rig.context, { ...order, boxId }, aPulse());
  const ended = { state: 'succeeded', endedAt: new Date() } as const;
  await db().operation.update({ where: { id: given.operationId }, data: ended });
  await db().workspace.update({
    where: { id: given.workspaceId },
    data: { status: 'online', operationId: null },
  });
  return { workspaceId: given.workspaceId, boxId, machine: machinesOf('aws', boxId)[0]?.id ?? '' };
}

/** A switch to hetzner, as far as to where the old box is being stopped. */
async function switching(workspaceId: string): Promise<RunRef> {
  const wanted = { workspaceId, provider: 'hetzner', confirmDataLoss: false, actor: 'test' } as const;
  const intake = await db().$transaction((tx) => requestSwitch(tx, wanted));
  if (intake.noop) throw new Error('it moves');
  const run = { operationId: intake.operationId, workspaceId, runId: randomUUID() };
  await rows.beginOperation(run);
  await rows.beginSettle({ ...run, beforeCycle: 1 });
  return run;
}
const settle = (run: RunRef, limitMs: number) =>
  settleBoxes(rig.context, { ...run, ...place(), cycle: 1, limitMs }, aPulse());
/** Writes the new cloud, and starts the box there. */
async function arrive(run: RunRef): Promise<string> {
  await rows.moveProvider(run);
  const order = { ...run, ...place(), cycle: 1 };
  const { boxId } = (await rows.mintBox(order)) ?? { boxId: '' };
  await startBox(rig.context, { ...order, boxId }, aPulse());
  return boxId;
}

describe('a switch between clouds', () => {
  test('whose old cloud does not end the machine names it, owes it, and in the end both clouds hold what the ledger says', async () => {
    const { workspaceId, boxId, machine } = await onAws();
    const run = await switching(workspaceId);
    cloud('aws').faults.plan('end', 'unheard', 1_000);
    expect((await settle(run, 1_000)).owed).toHaveLength(1);
    const next = await arrive(run);
    expect([machinesOf('aws', boxId).length, machinesOf('hetzner', next).length]).toEqual([1, 1]);
    const [audit, ...more] = await auditsOf(workspaceId);
    expect(more).toEqual([]);
    expect(audit).toMatchObject({
      eventType: 'workspace.provider.switch_stop_exhausted',
      payload: {
        old_instance_id: machine,
        old_provider: 'aws',
        new_provider: 'hetzner',
        recovery_path: 'platform_cleanup',
      },
    });
    expect(await row(workspaceId)).toMatchObject({
      instanceId: machinesOf('hetzner', next)[0]?.id,
      compute: { provider: 'hetzner' },
    });
    cloud('aws').faults.clear();
    await waitFor(
      async () => {
        await db().box.updateMany({ where: { id: boxId }, data: { nextAttemptAt: new Date(0) } });
        await finishOwedBoxes(rig.context);
        return (await boxOf(boxId)).state === 'gone';
      },
      { timeoutMs: PATIENCE_MS, what: 'the debt to be paid' },
    );
    await sweepHost(rig.context, poker, { dryRun: false, force: true });
    expect((await auditsOf(workspaceId)).map(({ eventType, targetId }) => [eventType, targetId])).toEqual([
      ['workspace.provider.switch_stop_exhausted', null],
      ['workspace.provider.switch_stop_completed', audit?.id],
    ]);
    expect([machinesOf('aws', boxId).length, machinesOf('hetzner', next).length]).toEqual([0, 1]);
    expect((await row(workspaceId)).instanceId).toBe(machinesOf('hetzner', next)[0]?.id);
  });

  test('from a machine that its cloud has ended before us goes on, and there is nothing to clean up', async () => {
    const { workspaceId, boxId, machine } = await onAws();
    await cloud('aws').end(machine);
    const run = await switching(workspaceId);
    expect(await settle(run, 30_000)).toEqual({ gone: 1, owed: [] });
    const next = await arrive(run);
    expect([machinesOf('aws', boxId).length, machinesOf('hetzner', next).length]).toEqual([0, 1]);
    expect(await auditsOf(workspaceId)).toEqual([]);
  });

  test.each(['lost', 'late', 'doubled', 'throttled'] as const)(
    'to a cloud whose create is %s has one machine there and none where it was',
    async (fault) => {
      const { workspaceId, boxId } = await onAws();
      const run = await switching(workspaceId);
      await settle(run, 30_000);
      cloud('hetzner').faults.plan('create', fault);
      const next = await arrive(run);
      await cloud('hetzner').faults.release();
      expect([machinesOf('aws', boxId).length, machinesOf('hetzner', next).length]).toEqual([0, 1]);
      expect((await row(workspaceId)).instanceId).toBe(machinesOf('hetzner', next)[0]?.id);
    },
  );

  test('is not told of a machine that comes up in the old cloud after it has moved: that is ended there (SP27)', async () => {
    const given = await givenOperation(rig, 'restart', { compute: { provider: 'aws' } });
    const order = { ...given.order, ...place() };
    const { boxId } = (await rows.mintBox(order)) ?? { boxId: '' };
    const { workspaceId } = given;
    const [backend] = rig.context.dispatcher.backends;
    let machine = '';
    const moving = {
      ...rig.context,
      dispatcher: {
        ...rig.context.dispatcher,
        backendOf: () => ({
          ...backend!,
          async start(...args: Parameters<NonNullable<typeof backend>['start']>) {
            const started = await backend!.start(...args);
            machine = started.externalId;
            // A pause has taken the workspace over, and is over; then the switch is asked for.
            await db().operation.update({ where: { id: given.operationId }, data: { state: 'superseded' } });
            const paused = { status: 'paused', operationId: null } as const;
            await db().workspace.update({ where: { id: workspaceId }, data: paused });
            await rows.moveProvider(await switching(workspaceId));
            return started;
          },
        }),
      },
    };
    await startBox(moving, { ...order, boxId }, aPulse());
    expect(machine).not.toBe('');
    expect(await row(workspaceId)).toMatchObject({ instanceId: null, compute: { provider: 'hetzner' } });
    expect(machinesOf('aws', boxId)).toEqual([]);
    expect(await boxOf(boxId)).toMatchObject({ externalId: machine, state: 'gone' });
  });
});
