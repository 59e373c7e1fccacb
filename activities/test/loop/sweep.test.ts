import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { fleetAt } from './fleet.ts';
import { useLoopKit } from './loop-kit.ts';
import { describeOnEveryPlace } from './places.ts';
import { sweepKit } from './sweep-kit.ts';

const kit = useLoopKit();
const { sweep, box, hasVolumes, remove, stopped, forget } = sweepKit(kit);

describeOnEveryPlace(kit, 'a sweep', (on) => {
  test('finds nothing where the ledger is what is there', async () => {
    const up = await on.fleet.up();
    expect(await sweep(on.fleet)).toMatchObject({
      fleet: 2,
      orphans: 0,
      done: 0,
      stopped: false,
      failed: [],
      findings: [],
    });
    expect(await on.fleet.isThere(up)).toBe(true);
  });

  test('stops a box that the ledger does not know, and clears what its workspace left but its work', async () => {
    const [up, stray] = [await on.fleet.up(), await on.fleet.stray()];
    const report = await sweep(on.fleet);
    expect(report).toMatchObject({ orphans: 1, done: 1, failed: [] });
    expect(report.findings).toMatchObject([
      {
        host: on.fleet.context.host,
        kind: 'box',
        boxId: stray.boxId,
        workspaceId: stray.workspaceId,
        backend: on.place.kind,
        done: true,
      },
    ]);
    expect([await on.fleet.isThere(stray), await hasVolumes(on.fleet, stray)]).toEqual([false, ['work']]);
    expect([await on.fleet.isThere(up), await hasVolumes(on.fleet, up)]).toEqual([true, ['rest', 'work']]);
  });

  test('stops a box that the ledger believes gone, and leaves the volumes of its workspace, which is there', async () => {
    const up = await on.fleet.up();
    await forget(up);
    expect((await sweep(on.fleet)).findings).toMatchObject([{ kind: 'box', boxId: up.boxId, done: true }]);
    expect([await on.fleet.isThere(up), (await box(up.boxId)).state, await hasVolumes(on.fleet, up)]).toEqual([
      false,
      'gone',
      ['rest', 'work'],
    ]);
  });

  test('notes boxes that are not there, and restarts what should run', async () => {
    const [online, late] = [await on.fleet.up(), await on.fleet.up({ status: 'failed' })];
    for (const up of [online, late]) await on.fleet.backend.stop(up);
    const report = await sweep(on.fleet);
    expect(report).toMatchObject({ fleet: 4, orphans: 2, done: 2 });
    expect(report.findings.map(({ kind, boxId }) => `${kind} ${boxId}`).sort()).toEqual(
      [online, late].map(({ boxId }) => `ledger ${boxId}`).sort(),
    );
    for (const { boxId } of [online, late]) expect((await box(boxId)).state).toBe('gone');
    expect(await kit.row(online.workspaceId)).toMatchObject({ status: 'provisioning', boxId: null });
    expect(await kit.row(late.workspaceId)).toMatchObject({ status: 'failed', boxId: null });
    expect(kit.poked).toEqual([online.workspaceId]);
  });

  test('clears what a removed workspace left, and the work as well of one whose purge is on record', async () => {
    const [removed, purged, lost] = [await on.fleet.up(), await on.fleet.up(), await on.fleet.up()];
    for (const up of [removed, purged, lost]) await stopped(on.fleet, up);
    await remove(removed.workspaceId);
    await kit.db.workspace.deleteMany({ where: { id: { in: [purged.workspaceId, lost.workspaceId] } } });
    const purge = {
      kind: 'delete',
      state: 'succeeded',
      request: { purge: true },
      actor: 'test',
      orgId: 'default',
    } as const;
    await kit.db.operation.create({ data: { id: randomUUID(), workspaceId: purged.workspaceId, ...purge } });
    expect(await sweep(on.fleet)).toMatchObject({ fleet: 3, orphans: 3, done: 3, stopped: false, failed: [] });
    expect(await Promise.all([removed, purged, lost].map((each) => hasVolumes(on.fleet, each)))).toEqual([
      ['work'],
      [],
      ['work'],
    ]);
    expect(await sweep(on.fleet)).toMatchObject({ orphans: 0 });
  });

  test('lists on a dry run what it would do, and touches nothing', async () => {
    const [up, stray, gone, late] = [
      await on.fleet.up(),
      await on.fleet.stray(),
      await on.fleet.up(),
      await on.fleet.up(),
    ];
    await forget(gone);
    await on.fleet.backend.stop(late);
    const dry = await sweep(on.fleet, { dryRun: true });
    expect(dry).toMatchObject({ orphans: 3, done: 0 });
    for (const each of [up, stray, gone]) expect(await on.fleet.isThere(each)).toBe(true);
    expect([(await box(gone.boxId)).state, (await box(late.boxId)).state, await hasVolumes(on.fleet, stray)]).toEqual([
      'gone',
      'running',
      ['rest', 'work'],
    ]);
    const real = await sweep(on.fleet);
    const found = (report: typeof real) => report.findings.map(({ done: __, ...finding }) => finding);
    expect(found(real)).toEqual(found(dry));
    expect(real.done).toBe(3);
  });

  test('incident 19: finds every box after the database was wiped, touches none of them unasked, and all of them when forced', async () => {
    const boxes = await Promise.all(Array.from({ length: 4 }, () => on.fleet.up()));
    await kit.db.$executeRaw`TRUNCATE workspaces, operations, boxes, structure_events CASCADE`;
    const held = await sweep(on.fleet);
    expect(held).toMatchObject({ fleet: 8, orphans: 4, done: 0, stopped: true, why: ['4 of 4 boxes look orphaned'] });
    expect(held.findings.map(({ boxId }) => String(boxId)).sort()).toEqual(boxes.map(({ boxId }) => boxId).sort());
    for (const each of boxes) expect(await on.fleet.isThere(each)).toBe(true);
    expect(await sweep(on.fleet, { force: true })).toMatchObject({ orphans: 4, done: 4, stopped: false, failed: [] });
    for (const each of boxes)
      expect([await on.fleet.isThere(each), await hasVolumes(on.fleet, each)]).toEqual([false, ['work']]);
  });

  test('never touches what is another owner’s, also when the database was wiped and it is forced', async () => {
    const stranger = fleetAt(kit.db, on.place);
    const theirs = await stranger.up();
    const leftover = await stranger.up();
    await stopped(stranger, leftover);
    await on.fleet.stray();
    await kit.db.$executeRaw`TRUNCATE workspaces, operations, boxes CASCADE`;
    const report = await sweep(on.fleet, { force: true });
    expect(report.findings.map(({ workspaceId }) => workspaceId)).not.toContain(theirs.workspaceId);
    expect(report.done).toBe(1);
    expect([
      await stranger.isThere(theirs),
      await hasVolumes(stranger, theirs),
      await hasVolumes(stranger, leftover),
    ]).toEqual([true, ['rest', 'work'], ['rest', 'work']]);
    await stranger.clear();
  });
});
