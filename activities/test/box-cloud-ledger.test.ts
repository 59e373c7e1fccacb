import { CLOUD_START_MS } from '@holdfast/infra/testing/clouds/index';
import { waitFor } from '@holdfast/infra/testing/index';
import { type Registry, startRegistry } from '@holdfast/infra/testing/system/registry';
import type { Prisma } from '@holdfast/prisma';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkHealth } from '../src/box/health.ts';
import { removeVolumes } from '../src/box/remove-volumes.ts';
import { settleBoxes } from '../src/box/settle-boxes.ts';
import { startBox } from '../src/box/start-box.ts';
import { sweepHost } from '../src/box/sweep/sweep.ts';
import { mintBox } from '../src/operation/mint.ts';
import { recordAudit } from '../src/event/event-records.ts';
import { aPulse, type BoxRig, boxRig, givenOperation, takenOver } from './box-given.ts';
import { never } from './box-port.ts';
import { aCloudSpec, type CloudRig, givenClouds } from './control-plane-given.ts';

let clouds: CloudRig;
let rig: BoxRig;
let registry: Registry;
const poked: string[] = [];
const poker = { poke: async (id: string) => void poked.push(id) };
const PATIENCE_MS = 60_000;

beforeAll(async () => {
  clouds = await givenClouds(['aws']);
  const db = clouds.db.database;
  rig = boxRig(db, { backends: (_, owner) => [clouds.backend({ owner })], platformUrl: 'http://127.0.0.1:9' });
  registry = await startRegistry({ db, cipher: rig.context.cipher });
  Object.assign(rig.context.settings, { platformUrl: registry.url });
  await db.backend.create({ data: { host: rig.context.host, kind: 'control-plane' } });
}, CLOUD_START_MS);
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await clouds.close();
});

const db = () => clouds.db.database;
const anHourAgo = () => new Date(Date.now() - 3_600_000);
const cloud = () => {
  const [only] = clouds.clouds;
  if (!only) throw new Error('no cloud');
  return only;
};
const row = (id: string) => db().workspace.findUniqueOrThrow({ where: { id } });
const boxOf = (id: string) => db().box.findUniqueOrThrow({ where: { id } });
const machineOf = (boxId: string) =>
  cloud()
    .machines()
    .find(({ userData }) => userData.includes(boxId));
const sweep = () => sweepHost(rig.context, poker, { dryRun: false, force: true });

/** A workspace whose next box is on the ledger, as mint leaves it. */
async function minted(workspace: Partial<Prisma.WorkspaceUncheckedCreateInput> = {}) {
  const given = await givenOperation(rig, 'provision', workspace);
  const order = { ...given.order, backend: 'control-plane' };
  const { context } = rig;
  const box = await mintBox(db(), context.cipher, context.owner, order);
  if (!box) throw new Error('it is not ours');
  return { ...given, order: { ...order, ...box }, ...box };
}
async function online(workspace: Partial<Prisma.WorkspaceUncheckedCreateInput> = {}) {
  const given = await minted(workspace);
  await startBox(rig.context, given.order, aPulse());
  await waitFor(async () => (await row(given.workspaceId)).status === 'online', {
    timeoutMs: PATIENCE_MS,
    what: 'online',
  });
  return given;
}
/** Nobody changes the workspace any more, since an hour. */
const free = async ({ workspaceId, operationId }: { workspaceId: string; operationId: string }) => {
  await db().operation.update({
    where: { id: operationId },
    data: { state: 'succeeded', acceptedAt: anHourAgo(), beganAt: anHourAgo(), endedAt: anHourAgo() },
  });
  await db().box.updateMany({ where: { workspaceId }, data: { createdAt: anHourAgo() } });
  await db().workspace.update({ where: { id: workspaceId }, data: { operationId: null } });
};

describe('a box in a cloud', () => {
  test('comes online by its nonce, at the address its control plane knows, and no cloud hears a secret', async () => {
    const given = await minted();
    expect(await db().workspaceAuthToken.count({ where: { workspaceId: given.workspaceId } })).toBe(0);
    const { sealedCredentials } = await boxOf(given.boxId);
    const { token, nonce, inboundSecret } = JSON.parse(rig.context.cipher.open(sealedCredentials!)) as never as Record<
      string,
      string
    >;
    registry.lose(2);
    await startBox(rig.context, given.order, aPulse());
    await waitFor(async () => (await boxOf(given.boxId)).registeredAt !== null, {
      timeoutMs: PATIENCE_MS,
      what: 'a register',
    });
    const machine = machineOf(given.boxId);
    await waitFor(async () => (await row(given.workspaceId)).url === `http://${machine?.address}:8000`);
    expect(await row(given.workspaceId)).toMatchObject({
      status: 'online',
      instanceId: machine?.id,
      backend: 'control-plane',
    });
    expect(await boxOf(given.boxId)).toMatchObject({ provider: 'aws', externalId: machine?.id, state: 'running' });
    // The answers that were lost are given again, and it is one token.
    await waitFor(() => registry.heard.filter(({ by }) => by === 'nonce').length >= 3, {
      timeoutMs: PATIENCE_MS,
      what: 'registers',
    });
    expect(await db().workspaceAuthToken.count({ where: { workspaceId: given.workspaceId } })).toBe(1);
    const told = cloud()
      .requests.map(({ text }) => text)
      .join('\n');
    for (const secret of [token, nonce, inboundSecret]) expect(told).not.toContain(secret);
  });

  test('is asked of the cloud of its ledger row, and its instance is on the row until it is gone', async () => {
    const given = await online();
    await takenOver(rig, given);
    await db().workspace.update({ where: { id: given.workspaceId }, data: { compute: { provider: 'hetzner' } } });
    const settled = await settleBoxes(rig.context, { ...given.order, limitMs: 30_000 }, aPulse());
    expect(settled).toEqual({ gone: 1, owed: [] });
    expect(machineOf(given.boxId)).toBeUndefined();
    expect(await row(given.workspaceId)).toMatchObject({ instanceId: null });
  });

  test('GAP 23: that comes up after the removal of its workspace is noted with its id, and ended', async () => {
    const given = await minted();
    const { context } = rig;
    const [backend] = context.dispatcher.backends;
    const removing = {
      ...context,
      dispatcher: {
        ...context.dispatcher,
        backendOf: () => ({
          ...backend!,
          async start(...args: Parameters<NonNullable<typeof backend>['start']>) {
            const started = await backend!.start(...args);
            await takenOver(rig, given);
            await db().workspace.update({ where: { id: given.workspaceId }, data: { status: 'removed' } });
            return started;
          },
        }),
        stop: () => Promise.reject(new Error('the control plane is away')),
      },
    };
    Object.assign(removing.settings, { stopRetryMs: { first: 1, longest: 10 } });
    const cut = aPulse();
    const starting = startBox(removing, given.order, cut);
    await waitFor(async () => (await row(given.workspaceId)).instanceId !== null, {
      timeoutMs: PATIENCE_MS,
      what: 'the id',
    });
    cut.cut();
    await starting;
    const machine = machineOf(given.boxId);
    expect(await row(given.workspaceId)).toMatchObject({ status: 'removed', instanceId: machine?.id });
    expect(await boxOf(given.boxId)).toMatchObject({ state: 'owed', externalId: machine?.id });
    await settleBoxes(context, { ...given.order, limitMs: 30_000 }, aPulse());
    expect(machineOf(given.boxId)).toBeUndefined();
    expect(await row(given.workspaceId)).toMatchObject({ instanceId: null });
  });

  test('GAP 28: that cannot be noted is ended by the id in hand', async () => {
    const given = await minted();
    await db().$executeRawUnsafe(`
      CREATE FUNCTION refuse_start() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.id = '${given.boxId}' AND NEW.state = 'running' THEN RAISE EXCEPTION 'the disk is full'; END IF; RETURN NEW; END $$`);
    await db().$executeRawUnsafe(
      'CREATE TRIGGER refuse_start BEFORE UPDATE ON boxes FOR EACH ROW EXECUTE FUNCTION refuse_start()',
    );
    await expect(startBox(rig.context, given.order, aPulse())).rejects.toThrow('provisioning failed');
    await db().$executeRawUnsafe('DROP TRIGGER refuse_start ON boxes');
    expect(rig.logged.join('\n')).toContain('the start of a box was not noted');
    expect(machineOf(given.boxId)).toBeUndefined();
  });

  test('that was not made tells why, in our words and by the code of the control plane', async () => {
    const given = await minted();
    cloud().faults.plan('create', 'quota');
    await expect(startBox(rig.context, given.order, aPulse())).rejects.toMatchObject({
      type: 'PROVISION_FAILED',
      message: 'provisioning failed',
      nonRetryable: true,
      details: [{ reason: 'the account at the cloud may hold no more machines (QUOTA_EXCEEDED)' }],
    });
  });

  test('leaves no disk after a purge', async () => {
    const given = await online({ compute: { provider: 'aws', data_persistence: 'persist' } });
    await takenOver(rig, given);
    await settleBoxes(rig.context, { ...given.order, limitMs: 30_000 }, aPulse());
    // A disk may be asked away twice: by who purges, and by who looks after the machines that have ended.
    const deleted = () =>
      new Set(cloud().requests.flatMap(({ text }) => /Action=DeleteVolume.*VolumeId=([\w-]+)/.exec(text)?.[1] ?? []));
    const before = deleted().size;
    await removeVolumes(rig.context, { workspaceId: given.workspaceId, purge: false });
    expect(deleted().size).toBe(before);
    await removeVolumes(rig.context, { workspaceId: given.workspaceId, purge: true });
    expect(deleted().size).toBe(before + 1);
  });
});

describe('the loops of clouds', () => {
  test('incident 7: a workspace whose machine was terminated goes offline and is restarted', async () => {
    const given = await online();
    await free(given);
    expect(await checkHealth(rig.context, poker)).toMatchObject({ dead: 0 });
    await cloud().end(machineOf(given.boxId)?.id ?? '');
    await waitFor(async () => (await checkHealth(rig.context, poker)).dead === 1, {
      timeoutMs: PATIENCE_MS,
      what: 'dead',
    });
    expect(await row(given.workspaceId)).toMatchObject({ status: 'provisioning', boxId: null });
    expect(poked).toContain(given.workspaceId);
  });

  test('a removed workspace that still names an instance loses it, and its name', async () => {
    const { workspaceId, machine } = await unknownToLedger();
    await db().workspace.update({ where: { id: workspaceId }, data: { status: 'removed', instanceId: machine } });
    await sweep();
    expect(isRunning(machine)).toBe(false);
    expect((await row(workspaceId)).instanceId).toBeNull();
  });

  test('what a switch could not stop is ended by its audit row, and that is noted once', async () => {
    const { workspaceId, machine } = await unknownToLedger();
    await noteLeft(workspaceId, machine);
    await sweep();
    expect(isRunning(machine)).toBe(false);
    const done = () =>
      db().structureEvent.count({ where: { workspaceId, eventType: 'workspace.provider.switch_stop_completed' } });
    expect(await done()).toBe(1);
    await sweep();
    expect(await done()).toBe(1);
  });

  test('incident 20: what its cloud does not end yet keeps its name, is not said to be gone, and is ended by a later sweep', async () => {
    const [removed, left] = [await unknownToLedger(), await unknownToLedger()];
    const named = { status: 'removed', instanceId: removed.machine } as const;
    await db().workspace.update({ where: { id: removed.workspaceId }, data: named });
    await noteLeft(left.workspaceId, left.machine);
    const noted = () =>
      db().structureEvent.count({
        where: { workspaceId: left.workspaceId, eventType: 'workspace.provider.switch_stop_completed' },
      });
    cloud().faults.plan('end', 'unheard', 1_000);
    const instances = (await sweep()).findings.filter(({ kind }) => kind === 'instance');
    expect(instances.map(({ workspaceId, done }) => [workspaceId, done])).toEqual([
      [removed.workspaceId, false],
      [left.workspaceId, false],
    ]);
    expect((await row(removed.workspaceId)).instanceId).toBe(removed.machine);
    expect(await noted()).toBe(0);
    cloud().faults.clear();
    await sweep();
    expect((await row(removed.workspaceId)).instanceId).toBeNull();
    expect(await noted()).toBe(1);
    expect([isRunning(removed.machine), isRunning(left.machine)]).toEqual([false, false]);
  });

  test('one that the ledger still owes is left to the ledger', async () => {
    const given = await online();
    const { externalId } = await boxOf(given.boxId);
    await db().box.update({ where: { id: given.boxId }, data: { state: 'owed', nextAttemptAt: new Date(0) } });
    await noteLeft(given.workspaceId, externalId!);
    await sweep();
    expect(machineOf(given.boxId)).toBeDefined();
  });

  const isRunning = (machine: string): boolean =>
    cloud()
      .machines()
      .some(({ id }) => id === machine);

  /** As a switch notes what it could not stop. */
  const noteLeft = (workspaceId: string, machine: string): Promise<unknown> =>
    recordAudit(db(), {
      workspaceId,
      type: 'workspace.provider.switch_stop_exhausted',
      payload: { workspace_id: workspaceId, old_instance_id: machine, old_provider: 'aws', new_provider: 'gcp' },
      key: `${workspaceId}:left`,
    });

  /** A machine of a workspace that no box of the ledger is about, as an earlier version left it; not of this owner. */
  async function unknownToLedger(): Promise<{ workspaceId: string; machine: string }> {
    const given = await givenOperation(rig, 'provision', { backend: 'control-plane', host: rig.context.host });
    await free(given);
    const spec = aCloudSpec({ workspaceId: given.workspaceId });
    const { externalId } = await clouds.backend({ owner: 'an-earlier-version' }).start(spec, never);
    return { workspaceId: given.workspaceId, machine: externalId };
  }
});
