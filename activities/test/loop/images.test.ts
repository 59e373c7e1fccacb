import { hasDocker, uniqueId } from '@holdfast/infra/testing/index';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { BoxContext } from '../../src/box/box-context.ts';
import { createDispatcher } from '../../src/box/dispatcher.ts';
import { dockerBackend } from '../../src/box/docker/backend.ts';
import type { RegistryLogin } from '../../src/box/docker/registry-login.ts';
import { refreshImages } from '../../src/box/image-refresh.ts';
import { watchImages } from '../../src/box/image-watch.ts';
import { parseRuntimes } from '../../src/box/runtimes.ts';
import { docker, log, missingIsNull } from '../box-docker-given.ts';
import { boxRig } from '../box-given.ts';
import { type FakeEngine, fakeEngine } from './fake-engine.ts';
import { dockerPlace, fleetAt, type Place } from './fleet.ts';
import { useLoopKit } from './loop-kit.ts';

const kit = useLoopKit();
const runtimesOf = (images: Record<string, string>) =>
  parseRuntimes(`
fallback: alpha
provisionTimeoutSeconds: 600
runtimes:
${Object.entries(images)
  .map(([name, image]) => `  ${name}: { image: '${image}' }`)
  .join('\n')}
`);
const images = {
  alpha: 'registry.test:5000/team/alpha:latest',
  beta: 'registry.test:5000/team/beta:latest',
  gamma: 'plain/gamma:latest',
  twin: 'plain/gamma:latest',
};

describe('on an engine that answers as it is told', () => {
  let engine: FakeEngine;
  let context: BoxContext;
  beforeEach(async () => {
    engine = await fakeEngine();
    for (const image of Object.values(images)) engine.digests.set(image, 'one');
    context = contextWith();
  });
  afterEach(() => engine[Symbol.asyncDispose]());
  const contextWith = (registryLogin?: RegistryLogin): BoxContext => {
    const backend = dockerBackend({ docker: engine.docker, owner: 'ours', log, registryLogin });
    const rig = boxRig(kit.db, { backends: () => [backend], runtimes: runtimesOf(images) });
    return rig.context;
  };
  const refresh = (order: Partial<Parameters<typeof refreshImages>[2]> = {}, of = context) =>
    refreshImages(of, kit.context.poker, { recreate: true, actor: 'test', ...order });
  const calls = () => engine.heard.map(({ call }) => call);

  test('a refresh pulls each image once and says which runtimes have it', async () => {
    expect(await refresh()).toEqual({ pulled: ['alpha', 'beta', 'gamma', 'twin'], failed: [], recreated: [] });
    expect(calls().filter((call) => call.startsWith('pull'))).toEqual([
      `pull ${images.alpha}`,
      `pull ${images.beta}`,
      `pull ${images.gamma}`,
    ]);
  });

  test('a pull that fails half-way fails its runtime and no other; one that nobody knows fails', async () => {
    engine.unpullable.add(images.alpha);
    expect(await refresh({ runtimes: ['alpha', 'beta', 'unheard-of'] })).toEqual({
      pulled: ['beta'],
      failed: ['alpha', 'unheard-of'],
      recreated: [],
    });
  });

  test('containers that cannot be listed are told, with what was done until then', async () => {
    engine.deaf = true;
    expect(await refresh({ runtimes: ['alpha'] })).toEqual({
      pulled: ['alpha'],
      failed: [],
      recreated: [],
      error: expect.any(String) as string,
    });
    expect(await refresh({ runtimes: ['alpha'], recreate: false })).toEqual({
      pulled: ['alpha'],
      failed: [],
      recreated: [],
    });
  });

  test('all pulls together keep to their time', async () => {
    expect(await refreshImages(context, kit.context.poker, { recreate: true, actor: 'test' }, 0)).toMatchObject({
      pulled: [],
      failed: Object.keys(images),
    });
  });

  test('credentials are shown to the registry they are for, and to no other', async () => {
    const login = { username: 'me', password: 'secret', registry: 'registry.test:5000/team' };
    await refresh({ recreate: false }, contextWith(login));
    const shown = { username: 'me', password: 'secret' };
    expect(engine.heard).toEqual([
      { call: `pull ${images.alpha}`, auth: shown },
      { call: `pull ${images.beta}`, auth: shown },
      { call: `pull ${images.gamma}`, auth: null },
    ]);
  });

  test('a host without an engine has nothing to refresh and nothing to watch', async () => {
    const none = { ...context, dispatcher: createDispatcher([]) };
    expect(await refresh({}, none)).toEqual({ pulled: [], failed: [], recreated: [] });
    expect(await watchImages(none, () => Promise.reject(new Error('never'))).tick()).toEqual({
      watched: 0,
      refreshed: 0,
      failed: 0,
    });
  });

  describe('the watcher', () => {
    const watcher = (of = context) => watchImages(of, (runtimes) => refresh({ runtimes }, of));
    const pulls = () => calls().filter((call) => call.startsWith('pull'));

    test('begins with what it sees first, and refreshes nothing for it', async () => {
      const watch = watcher();
      expect(await watch.tick()).toEqual({ watched: 3, refreshed: 0, failed: 0 });
      expect(await watch.tick()).toEqual({ watched: 3, refreshed: 0, failed: 0 });
      expect(pulls()).toEqual([]);
    });

    test('refreshes the runtime whose image has changed, once', async () => {
      const watch = watcher();
      await watch.tick();
      engine.digests.set(images.beta, 'two');
      expect(await watch.tick()).toEqual({ watched: 3, refreshed: 1, failed: 0 });
      expect(await watch.tick()).toMatchObject({ refreshed: 0 });
      expect(pulls()).toEqual([`pull ${images.beta}`]);
    });

    test('goes on with the others when a registry does not answer for one', async () => {
      const watch = watcher();
      await watch.tick();
      engine.digests.delete(images.alpha);
      engine.digests.set(images.beta, 'two');
      expect(await watch.tick()).toEqual({ watched: 2, refreshed: 1, failed: 1 });
      engine.digests.set(images.alpha, 'one');
      expect(await watch.tick()).toMatchObject({ watched: 3, refreshed: 0 });
    });

    test('tries a refresh again that failed, also one whose pull was only reported as failed', async () => {
      const watch = watcher();
      await watch.tick();
      engine.digests.set(images.alpha, 'two');
      engine.unpullable.add(images.alpha);
      expect(await watch.tick()).toMatchObject({ refreshed: 0 });
      engine.unpullable.clear();
      engine.deaf = true;
      expect(await watch.tick()).toMatchObject({ refreshed: 0 });
      engine.deaf = false;
      expect(await watch.tick()).toMatchObject({ refreshed: 1 });
      expect(await watch.tick()).toMatchObject({ refreshed: 0 });
    });

    test('survives a refresh that throws, and tries it again', async () => {
      let throws = true;
      const watch = watchImages(context, (runtimes) =>
        throws ? Promise.reject(new Error('planned')) : refresh({ runtimes }),
      );
      await watch.tick();
      engine.digests.set(images.alpha, 'two');
      expect(await watch.tick()).toEqual({ watched: 3, refreshed: 0, failed: 0 });
      throws = false;
      expect(await watch.tick()).toMatchObject({ refreshed: 1 });
    });

    test('shows its credentials when it asks', async () => {
      await watcher(contextWith({ username: 'me', password: 'secret', registry: 'registry.test:5000/team' })).tick();
      expect(engine.heard.map(({ auth }) => auth !== null)).toEqual([true, true, false]);
    });
  });
});

describe.skipIf(!hasDocker())('on a real engine', () => {
  let place: Place;
  const repo = uniqueId('holdfast-refresh');
  const name = `${repo}:latest`;
  const tags = new Set<string>();
  beforeAll(async () => {
    place = await dockerPlace();
  });
  afterAll(async () => {
    for (const tag of tags) await missingIsNull(docker.getImage(tag).remove({ force: true }));
    await place.close();
  });
  const point = async (at: string) => {
    await docker.getImage(at).tag({ repo, tag: 'latest' });
    tags.add(name);
  };
  /** Another image, though it does the same. */
  const another = async (): Promise<string> => {
    const container = await docker.createContainer({ Image: place.image });
    const made = (await container.commit({ repo, tag: 'newer', comment: uniqueId('c') })) as { Id: string };
    await container.remove();
    tags.add(`${repo}:newer`);
    return made.Id;
  };

  test('a refresh restarts whoever runs an older image of the name, and nobody else', async () => {
    await point(place.image);
    const fleet = fleetAt(kit.db, place);
    const [outdated, other, replaced] = [
      await fleet.up({}, { image: name }),
      await fleet.up(),
      await fleet.up({ status: 'paused', boxId: null, boxOperationId: null }, { image: name }),
    ];
    // What no registry can give us here, the engine is told itself.
    const { images: own, ...backend } = fleet.backend;
    if (!own) throw new Error('an engine has images');
    let newer = '';
    const context = {
      ...fleet.context,
      settings: { ...fleet.context.settings, runtimes: runtimesOf({ alpha: name }) },
      dispatcher: createDispatcher([{ ...backend, images: { ...own, pull: async () => point(newer || place.image) } }]),
    };
    const refresh = () => refreshImages(context, kit.context.poker, { recreate: true, actor: 'test' });
    expect(await refresh()).toEqual({ pulled: ['alpha'], failed: [], recreated: [] });
    newer = await another();
    expect(await refreshImages(context, kit.context.poker, { recreate: false, actor: 'test' })).toMatchObject({
      recreated: [],
    });
    expect(await refresh()).toEqual({
      pulled: ['alpha'],
      failed: [],
      recreated: [`ws-${outdated.workspaceId.slice(0, 12)}`],
    });
    expect(await kit.operations(outdated.workspaceId)).toMatchObject([
      { kind: 'restart', reason: 'image refreshed', actor: 'test' },
    ]);
    expect(kit.poked).toEqual([outdated.workspaceId]);
    for (const { workspaceId } of [other, replaced]) expect(await kit.operations(workspaceId)).toEqual([]);
    expect(await fleet.isThere(outdated)).toBe(true);
    await fleet.clear();
  });
});
