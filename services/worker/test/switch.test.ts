import { describe, expect, test } from 'vitest';
import { requestCancel } from '@holdfast/activities/operation/cancel';
import { requestPause } from '@holdfast/activities/workspace/pause-workspace';
import { requestRestart } from '@holdfast/activities/workspace/request-restart';
import { ended, whenDeleted } from './support/given.ts';
import { compute, useClouds } from './support/switch-clouds.ts';
import { gate } from './support/use-world.ts';
import { eventsOf, ledgerIsReality } from './support/world.ts';

const clouds = useClouds();
const { current, row, computeOf, operation, boxesOf, eventPayloads, online, phaseIs, mute, refused, stuck } = clouds;
const switchTo = clouds.switchTo.bind(clouds);

/** A switch that has come as far as its new box, whose agent says nothing yet. */
async function waiting() {
  const id = await online();
  mute.add(id);
  const operationId = await switchTo(id);
  await phaseIs(operationId, 'start', 'done');
  return { id, operationId };
}

describe('a switch', () => {
  test('stops the old box, writes the new cloud and brings the workspace up there, keeping the rest', async () => {
    const id = await online();
    const [old] = boxesOf(id);
    const operationId = await switchTo(id);
    expect(await ended(current().rig.db, operationId)).toBe('succeeded');
    const [box, ...more] = boxesOf(id);
    expect(more).toEqual([]);
    expect(box?.boxId).not.toBe(old?.boxId);
    expect(await row(id)).toMatchObject({
      status: 'online',
      operationId: null,
      boxId: box?.boxId,
      instanceId: box?.boxId,
      compute: { provider: 'hetzner', volume: { root_gb: 40 } },
    });
    const ledger = await current().rig.db.box.findMany({ where: { workspaceId: id }, orderBy: { createdAt: 'asc' } });
    expect(ledger.map(({ provider, state }) => [provider, state])).toEqual([
      ['aws', 'gone'],
      ['hetzner', 'running'],
    ]);
    expect((await eventPayloads(id)).slice(2)).toEqual([
      [
        'WORKSPACE_PROVISIONING',
        { name: 'a workspace', tier: 3, runtime: 'reference', provider_from: 'aws', provider_to: 'hetzner' },
      ],
      ['WORKSPACE_ONLINE', expect.anything()],
    ]);
  });

  test('stops the old box while the row still names it and the old cloud (SP1), and writes the new one after (SP14)', async () => {
    const id = await online();
    const [old] = boxesOf(id);
    const operationId = await switchTo(id);
    expect(await ended(current().rig.db, operationId)).toBe('succeeded');
    expect(clouds.stopped.filter(({ workspaceId }) => workspaceId === id)).toMatchObject([
      { boxId: old?.boxId, provider: 'aws', rowSays: { cloud: 'aws', instance: old?.boxId } },
    ]);
    const steps = await current().rig.db.operationStep.findMany({ where: { operationId }, orderBy: { seq: 'asc' } });
    const seen = steps.filter(({ state }) => state === 'done').map(({ step }) => step);
    expect(seen.indexOf('settle')).toBeGreaterThan(-1);
    expect(seen.indexOf('settle')).toBeLessThan(seen.indexOf('move'));
    expect(seen.indexOf('move')).toBeLessThan(seen.indexOf('start'));
  });

  test('that cannot be prepared leaves the workspace as it was, with the very same box', async () => {
    const id = await online();
    const { boxId, url } = await row(id);
    await current().rig.db.workspaceSecret.create({
      data: { workspaceId: id, key: 'KEY', encryptedValue: Buffer.from('?'), encryptionVersion: 1 },
    });
    const operationId = await switchTo(id);
    expect(await ended(current().rig.db, operationId)).toBe('failed');
    expect(await row(id)).toMatchObject({ status: 'online', boxId, url, compute, operationId: null });
    expect(boxesOf(id).map((box) => box.boxId)).toEqual([boxId]);
    await ledgerIsReality(current(), [id]);
  });

  test('whose new cloud has no room is compensated: back online where it was, with the cause (SP8)', async () => {
    const id = await online();
    refused.add(`${id}:hetzner`);
    const operationId = await switchTo(id);
    expect(await ended(current().rig.db, operationId)).toBe('compensated');
    expect(await operation(operationId)).toMatchObject({ failureText: 'provisioning failed' });
    expect(await row(id)).toMatchObject({ status: 'online', compute, operationId: null });
    expect(boxesOf(id)).toHaveLength(1);
    await ledgerIsReality(current(), [id]);
  });

  test('whose way back fails as well ends as failed on the old cloud, names both causes, and leaves no box', async () => {
    const id = await online();
    for (const cloud of ['hetzner', 'aws']) refused.add(`${id}:${cloud}`);
    const operationId = await switchTo(id);
    expect(await ended(current().rig.db, operationId)).toBe('failed');
    const text = 'provisioning failed; and the way back failed: provisioning failed';
    expect((await operation(operationId)).failureText).toBe(text);
    expect(await row(id)).toMatchObject({ status: 'failed', lastSampleError: text, compute });
    await ledgerIsReality(current(), [id]);
    expect(boxesOf(id)).toEqual([]);
  });

  test('of a paused workspace that fails leaves it paused where it was, with no box', async () => {
    const id = await online();
    const { db, poker } = current().rig;
    const pause = await db.$transaction((tx) => requestPause(tx, { workspaceId: id, actor: 'test' }));
    await poker.poke(id);
    expect(await ended(db, pause.treeId!)).toBe('succeeded');
    refused.add(`${id}:hetzner`);
    expect(await ended(db, await switchTo(id))).toBe('compensated');
    expect(await row(id)).toMatchObject({ status: 'paused', compute, operationId: null });
    await ledgerIsReality(current(), [id]);
    expect(boxesOf(id)).toEqual([]);
  });

  test('goes on when the old box does not stop: audited by its old id, owed, and gone in the end', async () => {
    const id = await online();
    const [old] = boxesOf(id);
    stuck.add(id);
    const operationId = await switchTo(id);
    expect(await ended(current().rig.db, operationId)).toBe('succeeded');
    expect((await computeOf(id)).provider).toBe('hetzner');
    const [audit, ...more] = await current().rig.db.structureEvent.findMany({
      where: { workspaceId: id, eventType: 'workspace.provider.switch_stop_exhausted' },
    });
    expect(more).toEqual([]);
    expect(audit).toMatchObject({
      seq: null,
      payload: {
        workspace_id: id,
        old_instance_id: old?.boxId,
        old_provider: 'aws',
        new_provider: 'hetzner',
        last_error: expect.any(String) as string,
        recovery_path: 'platform_cleanup',
      },
    });
    expect((await current().rig.db.box.findUniqueOrThrow({ where: { id: old!.boxId } })).state).toBe('owed');
    stuck.delete(id);
    await ledgerIsReality(current(), [id]);
    expect(boxesOf(id)).toHaveLength(1);
  });

  test('that is cancelled while its agent boots is compensated: the cancellation does not reach its undo (SP12)', async () => {
    const { id, operationId } = await waiting();
    const { db, poker } = current().rig;
    await db.$transaction((tx) => requestCancel(tx, { operationId, actor: 'test' }));
    await poker.poke(id);
    await phaseIs(operationId, 'move back', 'done');
    mute.delete(id);
    expect(await ended(db, operationId)).toBe('compensated');
    expect(await row(id)).toMatchObject({ status: 'online', compute });
    await ledgerIsReality(current(), [id]);
  });

  test('gives way to a delete, which leaves nothing in either cloud', async () => {
    const { id, operationId } = await waiting();
    const { db, poker } = current().rig;
    const deleteId = await whenDeleted(db, id);
    await poker.poke(id);
    expect(await ended(db, deleteId)).toBe('succeeded');
    expect((await operation(operationId)).state).toBe('superseded');
    await ledgerIsReality(current(), [id]);
    expect(boxesOf(id)).toEqual([]);
  });

  test('serves a restart that came meanwhile with a cycle in the new cloud (SP24)', async () => {
    const { id, operationId } = await waiting();
    mute.delete(id);
    const { db, poker } = current().rig;
    const restart = await db.$transaction((tx) => requestRestart(tx, { workspaceId: id, actor: 'test' }));
    await poker.poke(id);
    expect(await ended(db, operationId)).toBe('succeeded');
    if (restart.noop) throw new Error('the platform runs its box');
    expect(['coalesced', 'succeeded']).toContain(await ended(db, restart.operationId));
    expect(await row(id)).toMatchObject({ status: 'online', compute: { provider: 'hetzner' } });
    await ledgerIsReality(current(), [id]);
    expect((await eventsOf(current().rig, id)).at(-1)).toBe('WORKSPACE_ONLINE');
  });
});

describe('a switch that is cancelled while its old box is being stopped', () => {
  const cancelled = async (operationId: string, id: string) => {
    const { db, poker } = current().rig;
    await phaseIs(operationId, 'settle', 'begun');
    await db.$transaction((tx) => requestCancel(tx, { operationId, actor: 'test' }));
    await poker.poke(id);
  };

  test('leaves the workspace as it was, with the very same box, when that has not stopped', async () => {
    const id = await online();
    const { boxId, url } = await row(id);
    stuck.add(id);
    const operationId = await switchTo(id);
    await cancelled(operationId, id);
    expect(await ended(current().rig.db, operationId)).toBe('cancelled');
    expect(await row(id)).toMatchObject({ status: 'online', boxId, url, compute, operationId: null });
    await ledgerIsReality(current(), [id]);
    expect(boxesOf(id).map((box) => box.boxId)).toEqual([boxId]);
  });

  test('is compensated when it has stopped: the workspace comes back where it was, with another box', async () => {
    const id = await online();
    const { boxId } = await row(id);
    const { passed, open } = gate();
    clouds.heardOf.set(id, passed);
    const operationId = await switchTo(id);
    await cancelled(operationId, id);
    open();
    expect(await ended(current().rig.db, operationId)).toBe('compensated');
    expect(await row(id)).toMatchObject({ status: 'online', compute, operationId: null });
    expect((await row(id)).boxId).not.toBe(boxId);
    await ledgerIsReality(current(), [id]);
    expect(boxesOf(id)).toHaveLength(1);
  });
});

describe('a switch with a deadline', () => {
  const quick = useClouds({ deadlineMs: 6_000 });

  test('that its new agent lets pass is compensated', async () => {
    const id = await quick.online();
    quick.mute.add(id);
    const operationId = await quick.switchTo(id);
    await quick.phaseIs(operationId, 'move back', 'done');
    quick.mute.delete(id);
    expect(await ended(quick.current().rig.db, operationId)).toBe('compensated');
    expect(await quick.row(id)).toMatchObject({ status: 'online', compute });
    await ledgerIsReality(quick.current(), [id]);
  });
});
