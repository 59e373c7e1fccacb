import { beforeEach, describe, expect, test } from 'vitest';
import { aSpec, never } from '../box-port.ts';
import { type Fleet, fleetAt, type LiarPlace, liarPlace } from './fleet.ts';
import { newToken, storeToken } from '../../src/token/tokens.ts';
import { ago, MINUTE, useLoopKit } from './loop-kit.ts';
import { sweepKit } from './sweep-kit.ts';

const kit = useLoopKit();
const { sweep, box, forget, hasVolumes, remove, stopped } = sweepKit(kit);

describe('a sweep', () => {
  let place: LiarPlace;
  let fleet: Fleet;
  beforeEach(() => {
    place = liarPlace();
    fleet = fleetAt(kit.db, place);
  });

  test('reaps nothing while its engine does not answer', async () => {
    const [up, stray] = [await fleet.up(), await fleet.stray()];
    place.engine.lie('list', 'failed');
    expect(await sweep(fleet)).toMatchObject({
      orphans: 0,
      done: 0,
      failed: ['list of docker: the backend failed'],
      findings: [],
    });
    expect([await fleet.isThere(up), await fleet.isThere(stray), (await box(up.boxId)).state]).toEqual([
      true,
      true,
      'running',
    ]);
  });

  test('incident 28: believes no box gone about which nothing can be said', async () => {
    const up = await fleet.up();
    place.engine.children.delete(up.externalId);
    place.engine.lie('isRunning', 'lost');
    expect(await sweep(fleet)).toMatchObject({ orphans: 0 });
    expect([(await box(up.boxId)).state, (await kit.row(up.workspaceId)).status]).toEqual(['running', 'online']);
  });

  test('goes on with the other passes when one of them fails', async () => {
    const stray = await fleet.stray();
    place.engine.lie('listVolumes', 'failed');
    expect(await sweep(fleet)).toMatchObject({ orphans: 1, done: 1, failed: ['volumes: the backend failed'] });
    expect(await fleet.isThere(stray)).toBe(false);
  });

  test('keeps the volumes of a box that it could not stop, and tries again', async () => {
    const stray = await fleet.stray();
    place.engine.lie('stop', 'failed');
    const report = await sweep(fleet);
    expect(report).toMatchObject({ orphans: 1, done: 0, failed: [`box of ${stray.workspaceId}: the backend failed`] });
    expect([await hasVolumes(fleet, stray), place.engine.heard.includes('removeVolumes')]).toEqual([
      ['rest', 'work'],
      false,
    ]);
    expect(await sweep(fleet)).toMatchObject({ done: 1, failed: [] });
    expect(await hasVolumes(fleet, stray)).toEqual(['work']);
  });

  test('keeps to its time, and leaves the rest to the next one', async () => {
    for (let i = 0; i < 3; i++) await fleet.stray();
    const { backend } = fleet;
    const list = backend.list.bind(backend);
    backend.list = () => new Promise(() => undefined);
    expect(await sweep(fleet, { limitMs: 50 })).toMatchObject({
      orphans: 0,
      failed: ['list of docker: the backend does not answer'],
    });
    backend.list = list;
    expect(await sweep(fleet)).toMatchObject({ done: 3 });
  });

  test('leaves the volumes of a workspace to the operation that is deleting it, and to a box that is owed', async () => {
    const [deleting, owed] = [await fleet.up(), await fleet.up()];
    await stopped(fleet, deleting);
    await fleet.backend.stop(owed);
    await kit.db.box.update({ where: { id: owed.boxId }, data: { state: 'owed' } });
    for (const { workspaceId } of [deleting, owed]) await remove(workspaceId);
    await kit.own(deleting.workspaceId, 'delete');
    expect(await sweep(fleet)).toMatchObject({ orphans: 0 });
  });

  test('leaves to its operation a box that is not there yet, or not any more', async () => {
    const up = await fleet.up({ status: 'provisioning' });
    await kit.own(up.workspaceId, 'restart');
    await fleet.backend.stop(up);
    expect(await sweep(fleet)).toMatchObject({ orphans: 0 });
    expect((await box(up.boxId)).state).toBe('running');
  });

  test('owes a box whose create may still come out, instead of believing it gone', async () => {
    const up = await fleet.up({ status: 'failed' });
    await fleet.backend.stop(up);
    await kit.db.box.update({ where: { id: up.boxId }, data: { state: 'creating', createBegunAt: new Date() } });
    expect(await sweep(fleet)).toMatchObject({ done: 1 });
    expect((await box(up.boxId)).state).toBe('owed');
  });

  test('does not hold for an orphan what has been stopped since it looked', async () => {
    const up = await fleet.up();
    const { backend } = fleet;
    const list = backend.list.bind(backend);
    backend.list = async () => {
      const seen = await list();
      await kit.db.box.update({ where: { id: up.boxId }, data: { state: 'gone', goneAt: new Date() } });
      return seen;
    };
    expect(await sweep(fleet)).toMatchObject({ orphans: 0 });
  });

  test.each([
    ['three of three', 3, 0, false],
    ['four of four', 4, 0, true],
    ['four of ten', 4, 6, false],
    ['five of ten', 5, 5, true],
  ])('with %s boxes that look orphaned stops itself or goes on', async (_, strays, good, isStopped) => {
    for (let i = 0; i < good; i++) await fleet.up();
    for (let i = 0; i < strays; i++) await fleet.stray();
    expect(await sweep(fleet)).toMatchObject({ orphans: strays, stopped: isStopped, done: isStopped ? 0 : strays });
  });

  test('stops itself when it is the volumes that look orphaned, though there is hardly a box', async () => {
    for (let i = 0; i < 4; i++) await stopped(fleet, await fleet.up());
    await kit.db.$executeRaw`TRUNCATE workspaces, operations, boxes CASCADE`;
    expect(await sweep(fleet)).toMatchObject({
      orphans: 4,
      stopped: true,
      why: ['4 of 4 volumes look orphaned'],
      done: 0,
    });
    expect(place.engine.heard).not.toContain('removeVolumes');
  });

  test('looks away from labels that are no ids of ours', async () => {
    const { backend } = fleet;
    const list = backend.list.bind(backend);
    const odd = { boxId: 'not-an-id', workspaceId: "x' OR 1=1 --", externalId: '1', running: true, born: new Date() };
    backend.list = async () => [...(await list()), odd];
    const stray = await fleet.stray();
    expect((await sweep(fleet)).findings.map(({ boxId }) => boxId)).toEqual([stray.boxId]);
  });

  test('incident 35: without a backend finds nothing, and revokes nothing', async () => {
    const up = await fleet.up({ status: 'paused', boxId: null, boxOperationId: null });
    const { workspaceId, boxId } = up;
    await fleet.backend.stop(up);
    await forget(up);
    const plain = newToken();
    await kit.db.$transaction((tx) => storeToken(tx, { workspaceId, plain, purpose: 'agent', boxId }));
    await kit.db.workspaceAuthToken.updateMany({ where: { workspaceId }, data: { createdAt: ago(6 * MINUTE) } });
    const live = () => kit.db.workspaceAuthToken.count({ where: { workspaceId, revokedAt: null } });
    const none = { ...fleet, context: { ...fleet.context, dispatcher: { ...fleet.context.dispatcher, backends: [] } } };
    expect(await sweep(none)).toMatchObject({ orphans: 0, findings: [] });
    expect(await live()).toBe(1);
    // With its backend the same token is one that nobody can use.
    await sweep(fleet);
    expect(await live()).toBe(0);
  });

  test('never lists more than a history bears', async () => {
    const start = fleet.backend.start.bind(fleet.backend);
    for (let i = 0; i < 510; i++) await start(aSpec('any'), never);
    const report = await sweep(fleet, { dryRun: true });
    expect([report.orphans, report.findings.length]).toEqual([510, 500]);
  });
});
