import { isLockAwaited, waitFor } from '@holdfast/infra/testing/index';
import { workspaceStatuses } from '@holdfast/workflows/workspace/status';
import { expect, test } from 'vitest';
import { parseRuntimes } from '../../src/box/runtimes.ts';
import { failLateProvisions } from '../../src/loop/provision-timeout.ts';
import { changeStatus } from '../../src/workspace/status-change.ts';
import { givenWorkspace } from '../given-workspace.ts';
import { ago, MINUTE, useLoopKit } from './loop-kit.ts';

const kit = useLoopKit();

const file = `
fallback: langgraph
provisionTimeoutSeconds: 600
runtimes:
  langgraph: { image: 'langgraph:1' }
  hermes: { image: 'hermes:1', provisionTimeoutSeconds: 1800 }
`;
const text =
  'provisioning timed out — container started but never called /registry/register. Check container logs and network connectivity to the platform.';
const sweep = (over: { provisionTimeoutSeconds?: number; declared?: ReadonlyMap<string, number> } = {}) => {
  const { declared, ...overrides } = over;
  const runtimes = parseRuntimes(file, overrides);
  return failLateProvisions(kit.context, (runtime) => runtimes.deadlineMs(runtime, declared));
};
const waiting = (runtime: string, minutes: number) =>
  kit.givenBoxed({ runtime, status: 'provisioning', updatedAt: ago(minutes * MINUTE) });

test('incident 24: a hermes boot of eleven minutes goes on, one of thirty-one has failed', async () => {
  const [young, old] = [await waiting('hermes', 11), await waiting('hermes', 31)];
  expect(await sweep()).toEqual({ failedLate: 1, failed: 0 });
  expect((await kit.row(young)).status).toBe('provisioning');
  expect(await kit.row(old)).toMatchObject({ status: 'failed', lastSampleError: text });
  expect(await kit.events(old)).toEqual([
    [
      'WORKSPACE_PROVISION_FAILED',
      { error: text, timeout_secs: 1800, runtime: 'hermes', source: 'provision_timeout_sweep' },
    ],
  ]);
});

test('any other runtime has ten minutes, one that nobody knows too', async () => {
  const ids = [await waiting('langgraph', 11), await waiting('unheard-of', 11), await waiting('langgraph', 9)];
  await sweep();
  expect(await Promise.all(ids.map(async (id) => (await kit.row(id)).status))).toEqual([
    'failed',
    'failed',
    'provisioning',
  ]);
});

test('what the environment says counts for every runtime, what a template declares only where it is longer', async () => {
  const declared = new Map([
    ['hermes', 60_000],
    ['langgraph', 20 * MINUTE],
  ]);
  const ids = [await waiting('hermes', 11), await waiting('langgraph', 11)];
  expect(await sweep({ declared })).toMatchObject({ failedLate: 0 });
  expect(await sweep({ declared, provisionTimeoutSeconds: 300 })).toMatchObject({ failedLate: 2 });
  expect((await kit.events(ids[0]!))[0]?.[1]).toMatchObject({ timeout_secs: 300, runtime: 'hermes' });
});

test('the box is left alone, so that a late agent still finds its workspace', async () => {
  const id = await waiting('langgraph', 11);
  const { boxId } = await kit.row(id);
  await sweep();
  expect(await kit.row(id)).toMatchObject({ boxId });
  expect(await kit.db.box.findUniqueOrThrow({ where: { id: boxId! } })).toMatchObject({ state: 'running' });
  expect(await kit.db.$transaction((tx) => changeStatus(tx, id, 'register'))).toBe(true);
});

test('an operation has a deadline of its own: its workspace is skipped', async () => {
  const id = await waiting('langgraph', 60);
  await kit.own(id, 'provision');
  expect(await sweep()).toEqual({ failedLate: 0, failed: 0 });
  expect(await kit.events(id)).toEqual([]);
});

test('one whose operation has ended without it is not forgotten', async () => {
  const id = await waiting('langgraph', 60);
  const operation = await kit.own(id, 'provision');
  await kit.db.operation.update({ where: { id: operation }, data: { state: 'failed' } });
  expect(await sweep()).toMatchObject({ failedLate: 1 });
});

test('an external workspace and a mock never time out', async () => {
  const ids = [await waiting('external', 600), await waiting('mock', 600)];
  await sweep();
  for (const id of ids) expect((await kit.row(id)).status).toBe('provisioning');
});

test.each(workspaceStatuses.filter((status) => status !== 'provisioning'))(
  'a row that is %s is skipped without a word',
  async (status) => {
    const id = await givenWorkspace(kit.db, { runtime: 'langgraph', status, updatedAt: ago(60 * MINUTE) });
    expect(await sweep()).toEqual({ failedLate: 0, failed: 0 });
    expect([await kit.events(id), (await kit.row(id)).status]).toEqual([[], status]);
  },
);

test('a row that was touched between the look and the lock is skipped without a word', async () => {
  const id = await waiting('langgraph', 11);
  let done: Promise<unknown> = Promise.resolve();
  await kit.db.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT 1 FROM workspaces WHERE id = ${id}::uuid FOR UPDATE`;
    done = sweep();
    await waitFor(() => isLockAwaited(kit.db));
    await tx.workspace.update({ where: { id }, data: { updatedAt: new Date() } });
  });
  expect(await done).toEqual({ failedLate: 0, failed: 0 });
  expect([await kit.events(id), (await kit.row(id)).status]).toEqual([[], 'provisioning']);
});
