import { describe, expect, test } from 'vitest';
import { reportBootstrapFailure } from '@holdfast/activities/workspace/bootstrap-failed';
import { requestPause } from '@holdfast/activities/workspace/pause-workspace';
import { requestRestart } from '@holdfast/activities/workspace/request-restart';
import { requestResume } from '@holdfast/activities/workspace/resume-workspace';
import { historyText } from '@holdfast/infra/testing/index';
import { workflowId } from '@holdfast/workflows/operation/operation';
import { ended, whenDeleted } from './support/given.ts';
import { historyOf } from './support/histories.ts';
import { compute, useClouds } from './support/switch-clouds.ts';
import { ledgerIsReality } from './support/world.ts';

const clouds = useClouds();
const { current, row, operation, boxesOf, online, phaseIs, eventPayloads } = clouds;
const { started, stopped, mute, stuck, refused } = clouds;
const switchTo = clouds.switchTo.bind(clouds);

const of = <T extends { workspaceId: string }>(id: string, all: readonly T[]): T[] =>
  all.filter(({ workspaceId }) => workspaceId === id);
const pause = async (workspaceId: string): Promise<string> => {
  const { db, poker } = current().rig;
  const { treeId } = await db.$transaction((tx) => requestPause(tx, { workspaceId, actor: 'test' }));
  await poker.poke(workspaceId);
  if (!treeId) throw new Error('a pause has an operation');
  return treeId;
};

describe('a switch', () => {
  test('incident 16: that fifty ask for at once stops one box and starts one (SP2, SP5)', async () => {
    const id = await online();
    const [old] = boxesOf(id);
    const [before] = [of(id, started).length];
    const asked = await Promise.allSettled(Array.from({ length: 50 }, () => switchTo(id)));
    const won = asked.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(won).toHaveLength(1);
    expect(await ended(current().rig.db, won[0]!)).toBe('succeeded');
    expect(of(id, started).length - before).toBe(1);
    expect(of(id, stopped).map(({ boxId }) => boxId)).toEqual([old?.boxId]);
    await ledgerIsReality(current(), [id]);
  });

  test('is refused while a restart starts a box, and stops nothing of it (SP3, SP16)', async () => {
    const id = await online();
    const { db, poker } = current().rig;
    mute.add(id);
    const restart = await db.$transaction((tx) => requestRestart(tx, { workspaceId: id, actor: 'test' }));
    if (restart.noop) throw new Error('the platform runs its box');
    await poker.poke(id);
    await phaseIs(restart.operationId, 'start', 'done');
    const before = of(id, stopped).length;
    await expect(switchTo(id)).rejects.toMatchObject({ code: 'ALREADY_SWITCHING' });
    mute.delete(id);
    expect(await ended(db, restart.operationId)).toBe('succeeded');
    expect(of(id, stopped)).toHaveLength(before);
    expect(await row(id)).toMatchObject({ status: 'online', compute });
    await ledgerIsReality(current(), [id]);
  });

  test('keeps who the workspace is: its card, role, parent, secrets and memories, and no template is applied (SP19, GAP 25)', async () => {
    const parentId = await online();
    const id = await online({
      parentId,
      role: 'reviewer',
      model: 'a/model',
      secrets: { API_KEY: 'value' },
      memories: [{ content: 'we use tabs', scope: 'LOCAL' }],
    });
    const { db } = current().rig;
    await db.workspace.update({ where: { id }, data: { agentCard: { name: 'me' } } });
    const kept = async () => {
      const { name, role, tier, runtime, parentId: parent, template, agentCard, createdAt } = await row(id);
      return {
        row: [name, role, tier, runtime, parent, template, createdAt, agentCard],
        secrets: await db.workspaceSecret.findMany({ where: { workspaceId: id }, orderBy: { key: 'asc' } }),
        memories: await db.agentMemory.findMany({ where: { workspaceId: id } }),
      };
    };
    const before = await kept();
    // Its agent says what it is when it registers; until then that is kept as well.
    mute.add(id);
    const operationId = await switchTo(id);
    await phaseIs(operationId, 'start', 'done');
    expect(await kept()).toEqual(before);
    mute.delete(id);
    expect(await ended(db, operationId)).toBe('succeeded');
    const [first, second] = of(id, started);
    expect(second?.env).toEqual(first?.env);
    expect(second?.env).toMatchObject({ PARENT_ID: parentId, MOLECULE_AGENT_ROLE: 'reviewer', API_KEY: 'value' });
    for (const wish of ['template', 'reset'])
      expect((await operation(operationId)).cycleRequest).not.toHaveProperty(wish);
  });

  test('says of a box that does not stop neither who cleans up nor any secret (SP21, SP22)', async () => {
    const id = await online({ secrets: { API_KEY: 'a-secret-value' } });
    const { db, client } = current().rig;
    const tokens = [...boxesOf(id)];
    stuck.add(id);
    refused.add(`${id}:hetzner`);
    const operationId = await switchTo(id);
    expect(await ended(db, operationId)).toBe('compensated');
    tokens.push(...boxesOf(id));
    const ran = await operation(operationId);
    const steps = await db.operationStep.findMany({ where: { operationId } });
    const told = JSON.stringify([await eventPayloads(id), steps, ran.failureText, ran.request, ran.reason]);
    expect(told).toContain('"recovery_path":"platform_cleanup"');
    expect(told).not.toMatch(/sweep|reconcil|orphan|reaper|janitor/i);
    const history = historyText(await historyOf(client, workflowId(id), ran.runId!));
    for (const secret of ['a-secret-value', ...tokens.flatMap(({ token, nonce }) => [token, nonce ?? token])]) {
      if (!secret) continue;
      expect(told).not.toContain(secret);
      expect(history).not.toContain(secret);
    }
  });

  test('of a paused workspace brings it up in the new cloud (GAP 6)', async () => {
    const id = await online();
    expect(await ended(current().rig.db, await pause(id))).toBe('succeeded');
    expect(await ended(current().rig.db, await switchTo(id))).toBe('succeeded');
    expect(await row(id)).toMatchObject({ status: 'online', compute: { provider: 'hetzner' } });
    await ledgerIsReality(current(), [id]);
  });

  test('gives way to a delete that comes before its first step, and starts nothing (SP17)', async () => {
    const id = await online();
    const { db, poker } = current().rig;
    const operationId = await clouds.claim(id);
    const deleteId = await whenDeleted(db, id);
    await poker.poke(id);
    expect(await ended(db, deleteId)).toBe('succeeded');
    expect((await operation(operationId)).state).toBe('superseded');
    expect(of(id, started)).toHaveLength(1);
    expect(await row(id)).toMatchObject({ status: 'removed', compute });
    await ledgerIsReality(current(), [id]);
    expect(boxesOf(id)).toEqual([]);
  });

  test('gives way to a pause, which leaves no box in either cloud, and is resumed where it has come to', async () => {
    const id = await online();
    const { db, poker } = current().rig;
    mute.add(id);
    const operationId = await switchTo(id);
    await phaseIs(operationId, 'start', 'done');
    expect(await ended(db, await pause(id))).toBe('succeeded');
    expect((await operation(operationId)).state).toBe('superseded');
    await ledgerIsReality(current(), [id]);
    expect(boxesOf(id)).toEqual([]);
    expect(await row(id)).toMatchObject({ status: 'paused', compute: { provider: 'hetzner' } });
    mute.delete(id);
    const { treeId } = await db.$transaction((tx) => requestResume(tx, { workspaceId: id, actor: 'test' }));
    await poker.poke(id);
    expect(await ended(db, treeId!)).toBe('succeeded');
    const [box] = await db.box.findMany({ where: { workspaceId: id, state: 'running' } });
    expect(box?.provider).toBe('hetzner');
  });

  test.each([
    ['online', 'online', 1],
    ['paused', 'paused', 0],
  ] as const)(
    'of a workspace that is %s is compensated as soon as its new box is said to have crashed',
    async (before, after, boxes) => {
      const id = await online();
      const { db, poker } = current().rig;
      if (before === 'paused') expect(await ended(db, await pause(id))).toBe('succeeded');
      mute.add(id);
      const operationId = await switchTo(id);
      await phaseIs(operationId, 'start', 'done');
      const { boxId } = await row(id);
      const crash = { workspaceId: id, error: 'kernel panic', logTail: '', boxId };
      expect(await db.$transaction((tx) => reportBootstrapFailure(tx, crash))).toBe(true);
      await poker.poke(id);
      await phaseIs(operationId, 'move back', 'done');
      mute.delete(id);
      expect(await ended(db, operationId)).toBe('compensated');
      expect(await operation(operationId)).toMatchObject({ failureCode: 'BOOT_FAILED' });
      expect(await row(id)).toMatchObject({ status: after, compute, operationId: null });
      await ledgerIsReality(current(), [id]);
      expect(boxesOf(id)).toHaveLength(boxes);
    },
  );

  test('that is compensated serves a restart that waited for it with its cycle in the old cloud', async () => {
    const id = await online();
    const { db, poker } = current().rig;
    refused.add(`${id}:hetzner`);
    const operationId = await clouds.claim(id);
    const restart = await db.$transaction((tx) => requestRestart(tx, { workspaceId: id, actor: 'test' }));
    if (restart.noop) throw new Error('the platform runs its box');
    await poker.poke(id);
    expect(await ended(db, operationId)).toBe('compensated');
    expect(['coalesced', 'succeeded']).toContain(await ended(db, restart.operationId));
    expect(await row(id)).toMatchObject({ status: 'online', compute });
    await ledgerIsReality(current(), [id]);
  });
});
