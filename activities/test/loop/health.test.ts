import { workspaceStatuses } from '@holdfast/workflows/workspace/status';
import { beforeEach, describe, expect, test } from 'vitest';
import { BackendError } from '../../src/box/backend-error.ts';
import { checkHealth } from '../../src/box/health.ts';
import { type Fleet, fleetAt, type LiarPlace, liarPlace, type Standing } from './fleet.ts';
import { ago, useLoopKit } from './loop-kit.ts';
import { describeOnEveryPlace } from './places.ts';

const kit = useLoopKit();
const check = ({ context }: Fleet) => checkHealth(context, kit.context.poker);
const quiet = { dead: 0, cannotTell: 0, failed: 0 };
const box = (id: string) => kit.db.box.findUniqueOrThrow({ where: { id } });
const untouched = async ({ workspaceId, boxId }: Standing) => {
  expect(await kit.row(workspaceId)).toMatchObject({ status: 'online', boxId });
  expect([await kit.events(workspaceId), await kit.operations(workspaceId), (await box(boxId)).state]).toEqual([
    [],
    [],
    'running',
  ]);
};

describeOnEveryPlace(kit, 'the health of boxes', (on) => {
  test('a box that runs is left alone', async () => {
    const up = await on.fleet.up();
    expect(await check(on.fleet)).toEqual({ ...quiet, checked: 1 });
    await untouched(up);
  });

  test('a box that has ended takes its workspace offline, is owed, and is restarted in the same breath', async () => {
    const [dead, alive] = [await on.fleet.up(), await on.fleet.up({ status: 'degraded' })];
    await on.place.kill(dead);
    expect(await check(on.fleet)).toEqual({ ...quiet, checked: 2, dead: 1 });
    const { workspaceId: id } = dead;
    expect(await kit.row(id)).toMatchObject({
      status: 'provisioning',
      boxId: null,
      boxOperationId: null,
      livenessExpiresAt: null,
    });
    expect((await kit.events(id)).map(([type]) => type)).toEqual(['WORKSPACE_OFFLINE', 'WORKSPACE_PROVISIONING']);
    expect(await kit.operations(id)).toMatchObject([
      { kind: 'restart', state: 'accepted', reason: 'its box does not run' },
    ]);
    expect([(await box(dead.boxId)).state, kit.poked]).toEqual(['owed', [id]]);
    expect((await kit.row(alive.workspaceId)).status).toBe('degraded');
    expect(await check(on.fleet)).toMatchObject({ checked: 1, dead: 0 });
  });

  test('a box that is gone altogether is gone on the ledger', async () => {
    const dead = await on.fleet.up();
    await on.fleet.backend.stop(dead);
    expect(await check(on.fleet)).toEqual({ ...quiet, checked: 1, dead: 1 });
    expect((await box(dead.boxId)).state).toBe('gone');
    expect(await kit.operations(dead.workspaceId)).toHaveLength(1);
  });
});

describe('the health sweep', () => {
  let place: LiarPlace;
  let fleet: Fleet;
  beforeEach(() => {
    place = liarPlace();
    fleet = fleetAt(kit.db, place);
  });

  test('incident 28: an engine that does not answer kills nobody', async () => {
    const boxes = [await fleet.up(), await fleet.up()];
    for (const { externalId } of boxes) place.engine.children.delete(externalId);
    place.engine.lie('list', 'failed', 'lost');
    for (let tick = 0; tick < 2; tick++) expect(await check(fleet)).toEqual({ ...quiet, checked: 2, cannotTell: 2 });
    for (const up of boxes) await untouched(up);
  });

  test('incident 28: an engine that lists a box as gone and cannot tell when it is asked about it kills nobody', async () => {
    const up = await fleet.up();
    place.engine.children.delete(up.externalId);
    place.engine.lie('isRunning', 'failed');
    expect(await check(fleet)).toEqual({ ...quiet, checked: 1, cannotTell: 1 });
    await untouched(up);
  });

  test('asks an engine once, however many boxes run there, and again only about what it misses', async () => {
    const boxes = [await fleet.up(), await fleet.up(), await fleet.up()];
    place.engine.heard.length = 0;
    await check(fleet);
    expect(place.engine.heard).toEqual(['list']);
    place.engine.children.delete(boxes[0]!.externalId);
    place.engine.heard.length = 0;
    await check(fleet);
    expect(place.engine.heard).toEqual(['list', 'isRunning']);
  });

  test('asks a backend that cannot list about each box, and believes nothing but a clean no (GAP 21)', async () => {
    const [dead, alive, unclear] = [await fleet.up(), await fleet.up(), await fleet.up()];
    fleet.backend.list = () => Promise.reject(new BackendError('unverifiable', 'it knows no owners'));
    const isRunning = fleet.backend.isRunning.bind(fleet.backend);
    fleet.backend.isRunning = async (ref) =>
      ref.boxId === unclear.boxId ? { running: true, cannotTell: new Error('500') } : isRunning(ref);
    place.engine.children.delete(dead.externalId);
    expect(await check(fleet)).toEqual({ ...quiet, checked: 3, dead: 1, cannotTell: 1 });
    expect((await kit.row(dead.workspaceId)).status).toBe('provisioning');
    for (const up of [alive, unclear]) await untouched(up);
  });

  test('asks such a backend two hundred times in a tick at most', async () => {
    for (let i = 0; i < 201; i++) await fleet.up();
    fleet.backend.list = () => Promise.reject(new BackendError('unverifiable', 'it knows no owners'));
    place.engine.heard.length = 0;
    expect(await check(fleet)).toEqual({ ...quiet, checked: 201 });
    expect(place.engine.heard.filter((call) => call === 'isRunning')).toHaveLength(200);
  });

  test('asks nobody when no box should run here', async () => {
    expect(await check(fleet)).toEqual({ ...quiet, checked: 0 });
    expect(place.engine.heard).toEqual([]);
  });

  test.each(workspaceStatuses.filter((status) => status !== 'online' && status !== 'degraded'))(
    'does not look at a workspace that is %s',
    async (status) => {
      const up = await fleet.up({ status });
      place.engine.children.delete(up.externalId);
      expect(await check(fleet)).toEqual({ ...quiet, checked: 0 });
      expect([(await kit.row(up.workspaceId)).status, (await box(up.boxId)).state]).toEqual([status, 'running']);
    },
  );

  test('leaves to an operation what it owns, and to other hosts and owners what is theirs', async () => {
    const owned = await fleet.up();
    await kit.own(owned.workspaceId, 'provision');
    const elsewhere = await fleet.up();
    await kit.db.box.update({ where: { id: elsewhere.boxId }, data: { host: 'another' } });
    const others = await fleetAt(kit.db, place).up();
    place.engine.children.clear();
    expect(await check(fleet)).toEqual({ ...quiet, checked: 0 });
    for (const each of [owned, elsewhere, others]) expect((await kit.row(each.workspaceId)).status).toBe('online');
  });

  test('leaves a workspace alone that got another box, or an owner, between the look and the lock', async () => {
    const [replaced, taken] = [await fleet.up(), await fleet.up()];
    place.engine.children.clear();
    const { backend } = fleet;
    const isRunning = backend.isRunning.bind(backend);
    let looked = 0;
    backend.isRunning = async (ref) => {
      const probe = await isRunning(ref);
      looked += 1;
      if (looked === 2) {
        await kit.db.box.update({ where: { id: replaced.boxId }, data: { state: 'stopping' } });
        await kit.db.workspace.update({
          where: { id: replaced.workspaceId },
          data: { boxId: null, boxOperationId: null },
        });
        await kit.own(taken.workspaceId, 'restart');
      }
      return probe;
    };
    expect(await check(fleet)).toEqual({ ...quiet, checked: 2 });
    for (const { workspaceId } of [replaced, taken]) {
      expect((await kit.row(workspaceId)).status).toBe('online');
      expect(await kit.events(workspaceId)).toEqual([]);
    }
  });

  test('incident 39: restarts no box again that was made a moment ago, and leaves it to the next look', async () => {
    const up = await fleet.up();
    await kit.db.box.update({ where: { id: up.boxId }, data: { createdAt: ago(5_000) } });
    place.engine.children.clear();
    expect(await check(fleet)).toMatchObject({ dead: 1 });
    expect([(await kit.row(up.workspaceId)).status, await kit.operations(up.workspaceId), kit.poked]).toEqual([
      'offline',
      [],
      [],
    ]);
  });

  test.each(['external', 'mock'])(
    'leaves a workspace of runtime %s alone, whatever box it once had',
    async (runtime) => {
      const up = await fleet.up({ runtime });
      place.engine.children.delete(up.externalId);
      expect(await check(fleet)).toEqual({ ...quiet, checked: 0 });
      await untouched(up);
    },
  );

  test('incident 35: without a backend there is nothing to look at', async () => {
    await fleet.up();
    const none = { ...fleet, context: { ...fleet.context, dispatcher: { ...fleet.context.dispatcher, backends: [] } } };
    expect(await check(none)).toMatchObject({ dead: 0 });
  });
});
