import { randomUUID } from 'node:crypto';
import { workspaceStatuses } from '@holdfast/workflows/workspace/status';
import { expect, test } from 'vitest';
import { hibernateIdle } from '../../src/loop/hibernation.ts';
import { ago, MINUTE, useLoopKit } from './loop-kit.ts';

const kit = useLoopKit();
const tick = () => hibernateIdle(kit.context, { abandonedMs: 5 * MINUTE });
const idle = { status: 'online', hibernationIdleMinutes: 10, idleSince: ago(11 * MINUTE) } as const;

test('GAP 4: a workspace whose agent beats and has had no task for long enough is put to sleep', async () => {
  const id = await kit.givenBoxed({ ...idle, lastHeartbeatAt: new Date() });
  expect(await tick()).toEqual({ hibernated: 1, resumed: 0, failed: 0 });
  expect((await kit.row(id)).status).toBe('hibernating');
  expect(await kit.operations(id)).toMatchObject([
    { kind: 'hibernate', state: 'accepted', actor: 'loop:hibernation-monitor', reason: 'idle' },
  ]);
  expect([kit.poked, await kit.events(id)]).toEqual([[id], []]);
});

test.each([
  ['has not been idle for long enough', { idleSince: ago(9 * MINUTE) }],
  ['has a task', { activeTasks: 1, idleSince: null }],
  ['says it has a task and when it was last idle', { activeTasks: 1 }],
  ['never hibernates', { hibernationIdleMinutes: null }],
  ['allows zero minutes, which is never', { hibernationIdleMinutes: 0 }],
  ['was never seen idle', { idleSince: null }],
  ['is run by somebody else', { runtime: 'external' }],
  ['is a mock', { runtime: 'mock' }],
])('a workspace that %s stays awake', async (_, over) => {
  const id = await kit.givenBoxed({ ...idle, ...over });
  expect(await tick()).toEqual({ hibernated: 0, resumed: 0, failed: 0 });
  expect([(await kit.row(id)).status, await kit.operations(id)]).toEqual(['online', []]);
});

test.each(workspaceStatuses.filter((status) => !['online', 'degraded', 'hibernating'].includes(status)))(
  'a workspace that is %s is not put to sleep',
  async (status) => {
    const id = await kit.givenBoxed({ ...idle, status });
    await tick();
    expect([(await kit.row(id)).status, await kit.operations(id)]).toEqual([status, []]);
  },
);

test('a workspace that somebody is changing is left to him', async () => {
  const id = await kit.givenBoxed(idle);
  const owner = await kit.own(id, 'provision');
  expect(await tick()).toEqual({ hibernated: 0, resumed: 0, failed: 0 });
  expect(await kit.row(id)).toMatchObject({ status: 'online', operationId: owner });
});

test('many monitors at the same time put it to sleep once', async () => {
  const id = await kit.givenBoxed(idle);
  const counts = await Promise.all(Array.from({ length: 4 }, tick));
  expect(counts.reduce((sum, { hibernated }) => sum + hibernated, 0)).toBe(1);
  expect(await kit.operations(id)).toHaveLength(1);
});

const abandoned = async (endedAgo: number, over = {}) => {
  const id = await kit.givenBoxed({ status: 'hibernating', ...over });
  const data = {
    id: randomUUID(),
    orgId: 'default',
    workspaceId: id,
    kind: 'hibernate',
    state: 'failed',
    actor: 'test',
  } as const;
  await kit.db.operation.create({ data: { ...data, acceptedAt: ago(60 * MINUTE), endedAt: ago(endedAgo) } });
  return id;
};

test('GAP 9: a hibernation that nobody carries out any more is taken up after five minutes, even if its agent beats', async () => {
  const [young, old] = [await abandoned(4 * MINUTE), await abandoned(6 * MINUTE, { activeTasks: 2 })];
  expect(await tick()).toEqual({ hibernated: 0, resumed: 1, failed: 0 });
  expect(await kit.operations(young)).toHaveLength(1);
  expect((await kit.operations(old)).at(-1)).toMatchObject({
    kind: 'hibernate',
    state: 'accepted',
    actor: 'loop:hibernation-monitor',
  });
  expect([(await kit.row(old)).status, kit.poked]).toEqual(['hibernating', [old]]);
});

test('GAP 9: one that is carried out is not taken up, however long it takes', async () => {
  const id = await abandoned(60 * MINUTE);
  await kit.own(id, 'hibernate');
  expect(await tick()).toEqual({ hibernated: 0, resumed: 0, failed: 0 });
});
