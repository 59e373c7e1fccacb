import { hasDocker } from '@holdfast/infra/testing/index';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkHealth } from '../../src/box/health.ts';
import { stopBox } from '../../src/box/stop-box.ts';
import { expireExternalLiveness } from '../../src/loop/external-liveness.ts';
import { hibernateIdle } from '../../src/loop/hibernation.ts';
import { expireLiveness } from '../../src/loop/liveness.ts';
import { restartOffline } from '../../src/loop/offline.ts';
import { failLateProvisions } from '../../src/loop/provision-timeout.ts';
import { everythingOf } from '../operation/given-operation.ts';
import { dockerPlace, fleetAt, liarPlace, type Place } from './fleet.ts';
import { ago, MINUTE, useLoopKit } from './loop-kit.ts';
import { sweepKit } from './sweep-kit.ts';

const kit = useLoopKit();
const { sweep, box } = sweepKit(kit);

test.each(['reference', 'external'])(
  'incident 30: no loop brings back a removed workspace of runtime %s',
  async (runtime) => {
    const place = liarPlace();
    const fleet = fleetAt(kit.db, place);
    const long = ago(60 * MINUTE);
    const up = await fleet.up({
      runtime,
      status: 'removed',
      updatedAt: long,
      livenessExpiresAt: long,
      lastHeartbeatAt: long,
      idleSince: long,
      hibernationIdleMinutes: 1,
    });
    place.engine.children.clear();
    const before = await everythingOf(kit.db, up.workspaceId);
    await failLateProvisions(kit.context, () => 1);
    await expireLiveness(kit.context);
    await expireExternalLiveness(kit.context, 1);
    await restartOffline(kit.context);
    await hibernateIdle(kit.context, { abandonedMs: 1 });
    await checkHealth(fleet.context, kit.context.poker);
    expect(await everythingOf(kit.db, up.workspaceId)).toEqual(before);
    // The sweep alone has to do with it: what the ledger believes up and is not there is gone, and nothing else changes.
    await sweep(fleet);
    expect(await kit.row(up.workspaceId)).toMatchObject({ status: 'removed', boxId: null, operationId: null });
    expect([await kit.events(up.workspaceId), await kit.operations(up.workspaceId), kit.poked]).toEqual([[], [], []]);
  },
);

test('a chain of paused, deleted and restarted parents never stops a loop for good: rows are locked as trees lock them', async () => {
  const parent = await kit.givenBoxed({ status: 'online' });
  const children = await Promise.all(
    Array.from({ length: 6 }, () => kit.givenBoxed({ status: 'online', parentId: parent, livenessExpiresAt: ago(1) })),
  );
  const tree = async () =>
    kit.db.$transaction(async (tx) => {
      await tx.$executeRaw`SELECT 1 FROM workspaces WHERE id = ANY(${[parent, ...children]}::uuid[]) ORDER BY id FOR UPDATE`;
      await tx.$executeRaw`UPDATE workspaces SET updated_at = clock_timestamp() WHERE id = ${parent}::uuid`;
    });
  const [first, second] = await Promise.all([
    expireLiveness(kit.context),
    expireLiveness(kit.context),
    ...Array.from({ length: 20 }, tree),
  ]);
  expect([first.failed + second.failed, first.offline + second.offline]).toEqual([0, children.length]);
});

describe.skipIf(!hasDocker())('on Docker', () => {
  let place: Place;
  beforeAll(async () => {
    place = await dockerPlace();
  });
  afterAll(() => place.close());

  test('incident 21: a delete and sweeps that remove the same boxes at the same instant all succeed', async () => {
    const made = fleetAt(kit.db, place);
    const { settings } = made.context;
    const stopRetryMs = { first: 200, longest: 5_000 };
    const fleet = { ...made, context: { ...made.context, settings: { ...settings, stopRetryMs } } };
    const boxes = await Promise.all(Array.from({ length: 2 }, () => fleet.up({ status: 'removed' })));
    await kit.db.box.updateMany({ data: { state: 'gone', goneAt: ago(MINUTE) } });
    const rows = boxes.map(({ boxId, workspaceId, externalId }) => ({
      id: boxId,
      workspaceId,
      externalId,
      backend: 'docker',
      createBegunAt: null,
      attempts: 0,
    }));
    const limits = { limitMs: 30_000, signal: new AbortController().signal };
    const [reports, debts] = await Promise.all([
      Promise.all([sweep(fleet), sweep(fleet)]),
      Promise.all(rows.map((row) => stopBox(fleet.context, row, limits))),
    ]);
    expect(debts).toEqual([undefined, undefined]);
    expect(reports.flatMap(({ failed }) => failed)).toEqual([]);
    for (const each of boxes)
      expect([await fleet.isThere(each), (await box(each.boxId)).state]).toEqual([false, 'gone']);
    await fleet.clear();
  });
});
