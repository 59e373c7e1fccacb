import { randomUUID } from 'node:crypto';
import { hasDocker, uniqueId } from '@holdfast/infra/testing/index';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { docker, missingIsNull } from '../box-docker-given.ts';
import { givenWorkspace } from '../given-workspace.ts';
import { dockerPlace, fleetAt, type Place } from './fleet.ts';
import { useLoopKit } from './loop-kit.ts';
import { sweepKit } from './sweep-kit.ts';

const kit = useLoopKit();
const { sweep } = sweepKit(kit);
const managed = { 'molecule.platform.managed': 'true' };

describe.skipIf(!hasDocker())('a container of the platform before this one', () => {
  let place: Place;
  const made: string[] = [];
  const volumes: string[] = [];
  beforeAll(async () => {
    place = await dockerPlace();
  });
  beforeEach(() => {
    made.length = 0;
    volumes.length = 0;
  });
  afterEach(async () => {
    for (const id of made) await missingIsNull(docker.getContainer(id).remove({ force: true }));
    for (const name of volumes) await missingIsNull(docker.getVolume(name).remove());
  });
  afterAll(() => place.close().catch(() => undefined));

  /** A container as that platform made it, with its volumes; a test says what is different. */
  async function legacy(of: { id?: string; name?: string; labels?: Record<string, string> } = {}) {
    const { id = randomUUID(), labels = managed } = of;
    const { name = `ws-${id.slice(0, 12)}` } = of;
    const own = [`${name}-configs`, `ws-${id}-workspace`];
    for (const Name of own) {
      await docker.createVolume({ Name });
      volumes.push(Name);
    }
    const Binds = [`${own[0]}:/configs`, `${own[1]}:/workspace`];
    const { id: externalId } = await docker.createContainer({
      name,
      Image: place.image,
      Labels: labels,
      HostConfig: { Binds },
    });
    made.push(externalId);
    return { externalId, configs: own[0]!, work: own[1]! };
  }
  const isThere = async ({ externalId }: { externalId: string }) =>
    (await missingIsNull(docker.getContainer(externalId).inspect())) !== null;
  const hasVolume = async (name: string) => (await missingIsNull(docker.getVolume(name).inspect())) !== null;
  const adopting = () => fleetAt(kit.db, place, { adoptUnowned: true });

  test('is left alone until somebody says that it is his', async () => {
    const orphan = await legacy();
    expect(await sweep(fleetAt(kit.db, place), { force: true })).toMatchObject({ orphans: 0, findings: [] });
    expect(await isThere(orphan)).toBe(true);
  });

  test('goes, and then its volumes but its work, when no workspace begins with its name', async () => {
    const orphan = await legacy();
    const dry = await sweep(adopting(), { dryRun: true });
    expect([dry.findings.map(({ kind }) => kind), await isThere(orphan)]).toEqual([['legacy'], true]);
    expect(await sweep(adopting())).toMatchObject({ orphans: 1, done: 1, failed: [] });
    expect([await isThere(orphan), await hasVolume(orphan.configs), await hasVolume(orphan.work)]).toEqual([
      false,
      false,
      true,
    ]);
  });

  test('goes when its workspace is removed, and stays while its workspace is there', async () => {
    const [removed, there] = [
      await givenWorkspace(kit.db, { status: 'removed' }),
      await givenWorkspace(kit.db, { status: 'paused' }),
    ];
    const [orphan, kept] = [await legacy({ id: removed }), await legacy({ id: there })];
    expect(await sweep(adopting())).toMatchObject({ orphans: 1, done: 1 });
    expect([await isThere(orphan), await isThere(kept)]).toEqual([false, true]);
  });

  test.each([
    ['has no label', { labels: {} }],
    ['has an owner, whoever it is', { labels: { ...managed, 'holdfast.owner': 'somebody' } }],
    ['has a name that only looks like one', { name: `ws-${uniqueId('look')}` }],
    ['has a name with a wildcard in it', { name: 'ws-________-___' }],
    ['has a longer name', { name: `ws-${randomUUID()}` }],
  ])('is a stranger when it %s', async (_, of) => {
    const stranger = await legacy(of);
    expect(await sweep(adopting(), { force: true })).toMatchObject({ orphans: 0, findings: [] });
    expect([await isThere(stranger), await hasVolume(stranger.configs)]).toEqual([true, true]);
  });
});
