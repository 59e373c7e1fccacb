import os from 'node:os';
import Docker from 'dockerode';
import { ensureAgentImage } from '@holdfast/infra/images/agent-image';
import { hasDocker, uniqueId, waitFor } from '@holdfast/infra/testing/index';
import tar from 'tar-stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BoxBackend, BoxSpec } from '../src/box/backend.ts';
import { type DockerSettings, dockerBackend } from '../src/box/docker/backend.ts';
import { boxName, managedLabel, ownLabels, volumeNames } from '../src/box/names.ts';
import { answers } from './answers.ts';
import { docker, log, missingIsNull, readVolume } from './box-docker-given.ts';
import { aSpec, never, problem } from './box-port.ts';

describe.skipIf(!hasDocker())('a Docker box', () => {
  let image: string;
  const owner = uniqueId('owner');
  const own = uniqueId('holdfast-test');
  const settings: DockerSettings = { docker, owner, network: own, log };
  const box = dockerBackend(settings);
  const used: BoxSpec[] = [];
  beforeAll(async () => {
    image = await ensureAgentImage(docker);
  });
  afterAll(async () => {
    await Promise.all((await box.list()).map((ref) => box.stop(ref)));
    const adopting = dockerBackend({ ...settings, adoptUnowned: true });
    for (const { workspaceId } of used) {
      await missingIsNull(docker.getContainer(boxName(workspaceId)).remove({ force: true }));
      await adopting.removeVolumes(workspaceId, { purge: true });
    }
    await missingIsNull(docker.getNetwork(own).remove());
  });
  const spec = (over: Partial<BoxSpec> = {}): BoxSpec => {
    const made = aSpec(image, over);
    used.push(made);
    return made;
  };
  const refOf = ({ boxId, workspaceId }: BoxSpec) => ({ boxId, workspaceId, externalId: null });
  const inspect = (wanted: BoxSpec) => docker.getContainer(boxName(wanted.workspaceId)).inspect();

  test('has the name, the labels, the port and the restart policy that existing tools look for', async () => {
    const wanted = spec();
    const { externalId, url, internalUrl } = await box.start(wanted, never);
    const found = await inspect(wanted);
    expect(found.Id).toBe(externalId);
    expect(found.Config.Labels).toMatchObject({
      [managedLabel]: 'true',
      [ownLabels.owner]: owner,
      [ownLabels.box]: wanted.boxId,
      [ownLabels.workspace]: wanted.workspaceId,
    });
    expect(found.HostConfig).toMatchObject({
      RestartPolicy: { Name: 'unless-stopped' },
      Init: true,
      Privileged: false,
      NetworkMode: own,
    });
    const [bound] = found.NetworkSettings.Ports['8000/tcp'] ?? [];
    expect(bound?.HostIp).toBe('127.0.0.1');
    expect(url).toBe(`http://127.0.0.1:${bound?.HostPort}`);
    expect(internalUrl).toBe(`http://ws-${wanted.workspaceId.slice(0, 12)}:8000`);
    expect(found.NetworkSettings.Networks[own]?.Aliases).toContain(boxName(wanted.workspaceId));
    const volume = await docker.getVolume(volumeNames(wanted.workspaceId).configs).inspect();
    expect(volume.Labels).toEqual({
      [managedLabel]: 'true',
      [ownLabels.owner]: owner,
      [ownLabels.workspace]: wanted.workspaceId,
    });
  });

  test('is brought back by the engine when its agent ends', async () => {
    const wanted = spec();
    await box.start(wanted, never);
    const { State } = await inspect(wanted);
    process.kill(State.Pid, 'SIGKILL');
    await waitFor(async () => (await inspect(wanted)).State.Pid > 0 && (await inspect(wanted)).RestartCount === 1);
    expect(await box.isRunning(refOf(wanted))).toEqual({ running: true });
  });

  test.each([
    ['sandboxed', 1, { ReadonlyRootfs: true, Privileged: false, PidMode: '', Memory: 0, NanoCpus: 0 }],
    ['standard', 2, { ReadonlyRootfs: false, Privileged: false, PidMode: '', Memory: 512 * 1_048_576, NanoCpus: 1e9 }],
    ['unknown', 9, { ReadonlyRootfs: false, Privileged: false, PidMode: '', Memory: 512 * 1_048_576, NanoCpus: 1e9 }],
  ])('of a %s tier runs with what tier %i names', async (_, tier, expected) => {
    const wanted = spec({ tier });
    const { url } = await box.start(wanted, never);
    await waitFor(() => answers(url));
    expect((await inspect(wanted)).HostConfig).toMatchObject(expected);
  });

  test.each([
    [
      'privileged',
      3,
      {
        Privileged: true,
        PidMode: 'host',
        NetworkMode: own,
        Memory: 2048 * 1_048_576,
        NanoCpus: Math.min(2, os.cpus().length) * 1e9,
      },
    ],
    [
      'full',
      4,
      {
        Privileged: true,
        PidMode: 'host',
        NetworkMode: 'host',
        Memory: 4096 * 1_048_576,
        NanoCpus: Math.min(4, os.cpus().length) * 1e9,
      },
    ],
  ])(
    'of a %s tier asks the engine for what tier %i names, whether it grants that or not',
    async (_, tier, expected) => {
      const wanted = spec({ tier });
      // An engine that runs in a container itself may not grant privileges; then it refuses, for good.
      await box.start(wanted, never).catch((error: unknown) => expect(error).toEqual(problem('refused')));
      expect((await inspect(wanted)).HostConfig).toMatchObject(expected);
      await box.stop(refOf(wanted));
    },
  );

  test('of a runtime with sessions keeps them, and forgets them when that is asked for', async () => {
    const wanted = spec({ runtime: 'claude-code' });
    const { sessions } = volumeNames(wanted.workspaceId);
    await box.start(wanted, never);
    const madeAt = async () =>
      ((await docker.getVolume(sessions).inspect()) as unknown as { CreatedAt: string }).CreatedAt;
    const mark = tar.pack();
    mark.entry({ name: 'note' }, 'x');
    mark.finalize();
    await docker
      .getContainer(boxName(wanted.workspaceId))
      .putArchive(mark as unknown as NodeJS.ReadableStream, { path: '/root/.claude/sessions' });
    expect(await madeAt()).toBeTruthy();
    const again = (over: Partial<BoxSpec>) =>
      aSpec(image, { workspaceId: wanted.workspaceId, runtime: 'claude-code', ...over });
    await box.start(again({}), never);
    expect((await readVolume(sessions, image, 'note'))?.text).toBe('x');
    const last = again({ resetSession: true });
    await box.stop(
      refOf({
        ...last,
        boxId: (await box.list()).find(({ workspaceId }) => workspaceId === wanted.workspaceId)?.boxId ?? '',
      }),
    );
    await box.start(last, never);
    expect(await readVolume(sessions, image, 'note')).toBeNull();
  });

  test('takes the name of a container of the platform before us only when told to adopt', async () => {
    const wanted = spec();
    const legacy = await docker.createContainer({
      name: boxName(wanted.workspaceId),
      Image: image,
      Labels: { [managedLabel]: 'true' },
    });
    await expect(box.start(wanted, never)).rejects.toEqual(problem('nameTaken'));
    expect((await legacy.inspect()).Id).toBe(legacy.id);
    await dockerBackend({ ...settings, adoptUnowned: true }).start(wanted, never);
    expect(await missingIsNull(legacy.inspect())).toBeNull();
  });

  test('leaves a container without any label alone, told to adopt or not', async () => {
    const wanted = spec();
    const foreign = await docker.createContainer({ name: boxName(wanted.workspaceId), Image: image });
    await expect(dockerBackend({ ...settings, adoptUnowned: true }).start(wanted, never)).rejects.toEqual(
      problem('nameTaken'),
    );
    expect((await foreign.inspect()).Id).toBe(foreign.id);
  });

  test('takes a volume of the platform before us only when told to adopt', async () => {
    const wanted = spec();
    await docker.createVolume({ Name: volumeNames(wanted.workspaceId).configs });
    await expect(box.start(wanted, never)).rejects.toEqual(problem('nameTaken'));
    await box.removeVolumes(wanted.workspaceId, { purge: true });
    expect(await missingIsNull(docker.getVolume(volumeNames(wanted.workspaceId).configs).inspect())).not.toBeNull();
    await expect(dockerBackend({ ...settings, adoptUnowned: true }).start(wanted, never)).resolves.toMatchObject({
      url: expect.any(String),
    });
  });

  test('refuses another workspace whose name would be the same', async () => {
    const wanted = spec();
    await box.start(wanted, never);
    const twin = spec({ workspaceId: `${wanted.workspaceId.slice(0, 12)}${crypto.randomUUID().slice(12)}` });
    await expect(box.start(twin, never)).rejects.toEqual(problem('nameTaken'));
    expect(await box.isRunning(refOf(wanted))).toEqual({ running: true });
  });

  test('fails for good when its image is nowhere to be had, and says which', async () => {
    const wanted = spec({ image: 'localhost:9/nothing/here:1' });
    await expect(box.start(wanted, never)).rejects.toMatchObject({
      problem: 'imageMissing',
      message: expect.stringContaining('localhost:9/nothing/here:1'),
    });
  });

  test('starts at the next try on a network that was removed meanwhile, and the first does not end it for good', async () => {
    const name = uniqueId('holdfast-test');
    const fragile = dockerBackend({ ...settings, network: name });
    const first = spec();
    await fragile.start(first, never);
    await fragile.stop(refOf(first));
    await docker.getNetwork(name).remove();
    const second = spec();
    await expect(fragile.start(second, never)).rejects.toMatchObject({ problem: 'failed', final: false });
    await waitFor(async () => answers((await fragile.start(second, never)).url));
    await fragile.stop(refOf(second));
    await docker.getNetwork(name).remove();
  });

  test('counts as running when the engine does not answer', async () => {
    const away = dockerBackend({ ...settings, docker: new Docker({ host: '127.0.0.1', port: 1 }) });
    const wanted = aSpec(image);
    expect(await away.isRunning(refOf(wanted))).toEqual({ running: true, cannotTell: problem('unreachable') });
    await expect(away.stop(refOf(wanted))).rejects.toEqual(problem('unreachable'));
    await expect(away.start(wanted, never)).rejects.toEqual(problem('unreachable'));
    await expect(away.ping()).rejects.toEqual(problem('unreachable'));
  });

  test('is stopped once by many who stop it at the same time', async () => {
    const wanted = spec();
    await box.start(wanted, never);
    await expect(Promise.all(Array.from({ length: 8 }, () => box.stop(refOf(wanted))))).resolves.toContain('stopped');
  });
});

const listsOnly = (boxes: BoxBackend): Promise<number> => boxes.list().then(({ length }) => length);

describe.skipIf(!hasDocker())('two installations on one engine', () => {
  const network = uniqueId('holdfast-test');
  test('see their own boxes only', async () => {
    const image = await ensureAgentImage(docker);
    const [one, other] = ['one', 'other'].map((name) =>
      dockerBackend({ docker, owner: uniqueId(name), network, log }),
    ) as [BoxBackend, BoxBackend];
    const spec = aSpec(image);
    await one.start(spec, never);
    expect([await listsOnly(one), await listsOnly(other)]).toEqual([1, 0]);
    await one.stop({ ...spec, externalId: null });
    await one.removeVolumes(spec.workspaceId, { purge: true });
    await missingIsNull(docker.getNetwork(network).remove());
  });
});
