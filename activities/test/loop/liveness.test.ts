import { workspaceStatuses } from '@holdfast/workflows/workspace/status';
import { describe, expect, test } from 'vitest';
import { expireExternalLiveness, staleAfterSeconds } from '../../src/loop/external-liveness.ts';
import { expireLiveness } from '../../src/loop/liveness.ts';
import { restartOffline } from '../../src/loop/offline.ts';
import { givenWorkspace } from '../given-workspace.ts';
import { ago, MINUTE, useLoopKit } from './loop-kit.ts';

const kit = useLoopKit();
const silent = { livenessExpiresAt: ago(1) };

describe('an agent that was silent for the liveness time', () => {
  test('takes its workspace offline, which is told, and has it restarted', async () => {
    const id = await kit.givenBoxed({ status: 'online', ...silent });
    expect(await expireLiveness(kit.context)).toEqual({ offline: 1, awaitingAgent: 0, failed: 0 });
    expect(await kit.events(id)).toEqual([
      ['WORKSPACE_OFFLINE', {}],
      ['WORKSPACE_PROVISIONING', { name: 'a workspace', tier: 1, runtime: 'reference' }],
    ]);
    expect(await kit.operations(id)).toMatchObject([
      { kind: 'restart', state: 'accepted', actor: 'loop:liveness-monitor', priorStatus: 'offline' },
    ]);
    expect(kit.poked).toEqual([id]);
  });

  test('incident 3: has an external workspace wait for its agent, in the same statement, and never restarts it', async () => {
    const id = await givenWorkspace(kit.db, { runtime: 'external', status: 'online', ...silent });
    expect(await expireLiveness(kit.context)).toEqual({ offline: 0, awaitingAgent: 1, failed: 0 });
    expect(await kit.row(id)).toMatchObject({ status: 'awaiting_agent', livenessExpiresAt: null, operationId: null });
    expect(await kit.events(id)).toEqual([['WORKSPACE_OFFLINE', {}]]);
    expect([await kit.operations(id), kit.poked]).toEqual([[], []]);
  });

  test.each([
    ['reference', 'offline', ['online', 'degraded', 'failed', 'awaiting_agent']],
    ['external', 'awaiting_agent', ['online', 'degraded', 'offline', 'failed']],
  ])('changes a row of runtime %s to %s from its from-set and from nowhere else', async (runtime, to, from) => {
    await kit.db.backend.deleteMany(); // so that no restart hides where the row went
    for (const status of workspaceStatuses) {
      const id = await givenWorkspace(kit.db, { runtime, status, ...silent });
      await expireLiveness(kit.context);
      const changes = from.includes(status);
      expect((await kit.row(id)).status).toBe(changes ? to : status);
      expect(await kit.events(id)).toEqual(changes ? [['WORKSPACE_OFFLINE', {}]] : []);
    }
  });

  test('GAP 8: ends nothing while its workspace is coming up', async () => {
    const id = await kit.givenBoxed({ status: 'provisioning', ...silent });
    await kit.own(id, 'provision');
    await expireLiveness(kit.context);
    expect([(await kit.row(id)).status, await kit.events(id)]).toEqual(['provisioning', []]);
  });

  test('is not one that beats again meanwhile, and not one that was never heard', async () => {
    const ids = [
      await kit.givenBoxed({ status: 'online', livenessExpiresAt: new Date(Date.now() + MINUTE) }),
      await kit.givenBoxed({ status: 'online', livenessExpiresAt: null }),
    ];
    expect(await expireLiveness(kit.context)).toEqual({ offline: 0, awaitingAgent: 0, failed: 0 });
    for (const id of ids) expect((await kit.row(id)).status).toBe('online');
  });

  test('incident 39: is found once by many at the same time, and restarted once', async () => {
    const id = await kit.givenBoxed({ status: 'online', ...silent });
    const counts = await Promise.all(Array.from({ length: 5 }, () => expireLiveness(kit.context)));
    expect(counts.reduce((sum, { offline }) => sum + offline, 0)).toBe(1);
    expect(await kit.operations(id)).toHaveLength(1);
    expect((await kit.events(id)).map(([type]) => type)).toEqual(['WORKSPACE_OFFLINE', 'WORKSPACE_PROVISIONING']);
  });

  test('does not touch who owns its workspace', async () => {
    const id = await kit.givenBoxed({ status: 'online', ...silent });
    const owner = await kit.own(id, 'provision');
    await expireLiveness(kit.context);
    expect(await kit.row(id)).toMatchObject({ status: 'offline', operationId: owner });
  });
});

describe('a workspace that is offline', () => {
  const offline = (boxAge: number, over = {}) =>
    kit.givenBoxed({ status: 'offline', ...over }).then(async (id) => {
      await kit.db.box.updateMany({ where: { workspaceId: id }, data: { createdAt: ago(boxAge) } });
      return id;
    });

  test('incident 39: is not restarted within a minute of its last cycle, and not forgotten after it', async () => {
    const id = await offline(10_000);
    expect(await restartOffline(kit.context)).toEqual({ restarted: 0, failed: 0 });
    await kit.db.box.updateMany({ where: { workspaceId: id }, data: { createdAt: ago(61_000) } });
    expect(await restartOffline(kit.context)).toEqual({ restarted: 1, failed: 0 });
    expect(await kit.operations(id)).toMatchObject([{ kind: 'restart', actor: 'loop:offline-restarts' }]);
    expect(kit.poked).toEqual([id]);
  });

  test('is restarted when the restart of its going offline was dropped', async () => {
    const id = await offline(10_000, { status: 'online', ...silent });
    await expireLiveness(kit.context);
    expect([(await kit.row(id)).status, await kit.operations(id)]).toEqual(['offline', []]);
    await kit.db.box.updateMany({ where: { workspaceId: id }, data: { createdAt: ago(61_000) } });
    expect(await restartOffline(kit.context)).toEqual({ restarted: 1, failed: 0 });
    expect((await kit.row(id)).status).toBe('provisioning');
  });

  test('is left to the operation that owns it, to its paused parent, and to who runs its agent', async () => {
    const owned = await offline(5 * MINUTE);
    await kit.own(owned, 'pause');
    const parentId = await givenWorkspace(kit.db, { status: 'paused' });
    await offline(5 * MINUTE, { parentId });
    await offline(5 * MINUTE, { runtime: 'external' });
    await offline(5 * MINUTE, { runtime: 'mock' });
    expect(await restartOffline(kit.context)).toEqual({ restarted: 0, failed: 0 });
  });

  test('does not keep another from its restart that may not have one', async () => {
    const parentId = await givenWorkspace(kit.db, { status: 'paused' });
    for (let i = 0; i < 3; i++) await offline(5 * MINUTE, { parentId });
    await offline(5 * MINUTE);
    expect(await restartOffline(kit.context)).toEqual({ restarted: 1, failed: 0 });
  });
});

describe('an agent that somebody else runs', () => {
  const external = (over: object) => givenWorkspace(kit.db, { runtime: 'external', status: 'online', ...over });

  test('is waited for once it was silent for too long, whether it is called or polls', async () => {
    const stale = [
      await external({ lastHeartbeatAt: ago(91_000) }),
      await external({ lastHeartbeatAt: ago(91_000), deliveryMode: 'poll', status: 'degraded' }),
    ];
    const fresh = await external({ lastHeartbeatAt: ago(80_000) });
    expect(await expireExternalLiveness(kit.context, 90)).toEqual({ awaitingAgent: 2, failed: 0 });
    for (const id of stale) {
      expect(await kit.row(id)).toMatchObject({ status: 'awaiting_agent', livenessExpiresAt: null });
      expect(await kit.events(id)).toEqual([['WORKSPACE_OFFLINE', {}]]);
      expect(await kit.operations(id)).toEqual([]);
    }
    expect((await kit.row(fresh)).status).toBe('online');
  });

  test('has the whole time from the last change of its row when it never beat', async () => {
    const [young, old] = [await external({ updatedAt: ago(80_000) }), await external({ updatedAt: ago(91_000) })];
    await expireExternalLiveness(kit.context, 90);
    expect([(await kit.row(young)).status, (await kit.row(old)).status]).toEqual(['online', 'awaiting_agent']);
  });

  test.each(workspaceStatuses.filter((status) => status !== 'online' && status !== 'degraded'))(
    'is left alone while its workspace is %s',
    async (status) => {
      const id = await external({ status, lastHeartbeatAt: ago(60 * MINUTE) });
      await expireExternalLiveness(kit.context, 90);
      expect([(await kit.row(id)).status, await kit.events(id)]).toEqual([status, []]);
    },
  );

  test('is not one of a box of ours', async () => {
    const id = await kit.givenBoxed({ status: 'online', lastHeartbeatAt: ago(60 * MINUTE) });
    await expireExternalLiveness(kit.context, 90);
    expect((await kit.row(id)).status).toBe('online');
  });
});

test.each([
  ['30', 30],
  [' 45 ', 45],
  ['0', 90],
  ['-5', 90],
  ['1.5', 90],
  ['soon', 90],
])('REMOTE_LIVENESS_STALE_AFTER="%s" is %i seconds, and the log names it when it is unusable', (set, seconds) => {
  const said: unknown[] = [];
  const log = { info: () => undefined, warn: (facts: unknown) => void said.push(facts) } as never;
  expect(staleAfterSeconds(set, log)).toBe(seconds);
  expect(said).toEqual(seconds === 90 ? [{ variable: 'REMOTE_LIVENESS_STALE_AFTER', seconds: 90 }] : []);
});
