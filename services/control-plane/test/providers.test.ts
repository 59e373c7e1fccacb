import { CLOUD_START_MS, type Cloud, type Fault } from '@holdfast/infra/testing/clouds/index';
import { waitFor } from '@holdfast/infra/testing/index';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { FailureCode } from '../src/failure/failures.ts';
import { refusalCode } from '../src/failure/refusal.ts';
import type { InstanceSpec, Marks, Provider } from '../src/provider/port.ts';
import { aBox, clouds, providerOf } from './support/clouds.ts';

describe.each(clouds)('instances of $name', ({ name, start }) => {
  let cloud: Cloud;
  let provider: Provider;
  beforeAll(async () => {
    cloud = await start();
    provider = await providerOf(cloud);
  }, CLOUD_START_MS);
  afterEach(() => cloud.faults.clear());
  afterAll(() => cloud.stop());

  const specOf = (marks: Marks, persistent = false): InstanceSpec => ({
    marks,
    machine: { ...provider.machineFor({}, 2), persistent },
    userData: `BOOT_NONCE='of-${marks.boxId}'\n`,
  });
  const mine = (marks: Marks) => cloud.machines().filter(({ userData }) => userData.includes(marks.boxId));
  const isRunning = (instanceId: string) =>
    waitFor(async () => (await provider.describe(instanceId))?.state === 'running');
  const isGone = (instanceId: string) =>
    waitFor(async () => [undefined, 'terminated'].includes((await provider.describe(instanceId))?.state));
  const codeOf = (call: Promise<unknown>): Promise<FailureCode | undefined> => call.then(() => undefined, refusalCode);

  test('come up with their marks, an address and their user data', async () => {
    const marks = aBox();
    const instance = await provider.run(specOf(marks));
    await isRunning(instance.instanceId);
    expect(await provider.describe(instance.instanceId)).toMatchObject({ marks, instanceId: instance.instanceId });
    expect(mine(marks)).toMatchObject([{ address: instance.privateIp, userData: `BOOT_NONCE='of-${marks.boxId}'\n` }]);
  });

  test('are one for a box that is asked for again, and at the same time', async () => {
    const spec = specOf(aBox());
    const first = await provider.run(spec);
    const more = await Promise.all([1, 2, 3].map(() => provider.run(spec)));
    expect(new Set([first, ...more].map(({ instanceId }) => instanceId)).size).toBe(1);
    expect(mine(spec.marks)).toHaveLength(1);
  });

  test('are one for a box that was never there and is asked for many times at once', async () => {
    const spec = specOf(aBox());
    const all = await Promise.allSettled([1, 2, 3, 4].map(() => provider.run(spec)));
    const ids = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value.instanceId] : []));
    expect(new Set(ids).size).toBe(1);
    expect(mine(spec.marks)).toHaveLength(1);
  });

  test.each<Fault>(['lost', 'unheard', 'late', 'doubled', 'throttled', 'unavailable'])(
    'are one for a box whose create was %s',
    async (fault) => {
      const spec = specOf(aBox());
      cloud.faults.plan('create', fault);
      await provider.run(spec).catch(() => provider.run(spec));
      await cloud.faults.release();
      const instance = await provider.run(spec);
      expect(mine(spec.marks)).toMatchObject([{ id: instance.instanceId }]);
    },
  );

  test('are one for a box that is asked for with another image or another nonce address', async () => {
    const spec = specOf(aBox());
    const { instanceId } = await provider.run(spec);
    expect(await provider.run({ ...spec, userData: `${spec.userData}# from elsewhere\n` })).toMatchObject({
      instanceId,
    });
    expect(mine(spec.marks)).toHaveLength(1);
  });

  test('are not given up for a box that is asked for anew and not shown yet', async () => {
    const spec = specOf(aBox());
    const { instanceId } = await provider.run(spec);
    const anew = { ...spec, userData: `${spec.userData}# from elsewhere\n` };
    const look = name === 'gcp' ? 'look' : 'list';
    cloud.faults.plan(look, 'hidden', 10);
    expect(await codeOf(provider.run(anew))).toBe('PROVIDER_UNAVAILABLE');
    cloud.faults.clear();
    if (name === 'aws') {
      // A look that is refused says nothing of the instance either.
      cloud.faults.plan(look, 'denied', 10);
      expect(await codeOf(provider.run(anew))).toBe('PROVIDER_UNAVAILABLE');
      cloud.faults.clear();
    }
    expect(await provider.run(anew)).toMatchObject({ instanceId });
    expect(mine(spec.marks)).toHaveLength(1);
  });

  test('are found by their box when nobody heard their id', async () => {
    const spec = specOf(aBox());
    cloud.faults.plan('create', 'lost', 10);
    expect(await codeOf(provider.run(spec))).toSatisfy((code) => code === undefined || code === 'PROVIDER_UNAVAILABLE');
    const found = await provider.find(spec.marks);
    expect(found).toMatchObject({ instanceId: mine(spec.marks)[0]?.id, marks: spec.marks });
    expect(await provider.find({ ...spec.marks, orgId: 'another' })).toBeNull();
  });

  test.each<[Fault, FailureCode]>([
    ['throttled', 'THROTTLED'],
    ['quota', 'QUOTA_EXCEEDED'],
    ['capacity', 'NO_CAPACITY'],
    ['failing', 'NO_CAPACITY'],
    ['unavailable', 'PROVIDER_UNAVAILABLE'],
    ['unheard', 'PROVIDER_UNAVAILABLE'],
    ['denied', 'PROVIDER_DENIED'],
  ])('that the cloud refuses as %s fail as %s', async (fault, code) => {
    const spec = specOf(aBox());
    cloud.faults.plan('create', fault, 10);
    expect(await codeOf(provider.run(spec))).toBe(code);
    expect(mine(spec.marks)).toEqual([]);
  });

  test('that could not be had for now can be had later', async () => {
    const spec = specOf(aBox());
    for (const fault of ['capacity', 'failing'] as const) {
      cloud.faults.plan('create', fault, 4);
      await codeOf(provider.run(spec));
      cloud.faults.clear();
    }
    expect(mine(spec.marks)).toEqual([]);
    await provider.run(spec);
    expect(mine(spec.marks)).toHaveLength(1);
  });

  test('end when they are told, and are told as often as one likes', async () => {
    const spec = specOf(aBox());
    const { instanceId } = await provider.run(spec);
    await Promise.all([provider.terminate(instanceId), provider.terminate(instanceId)]);
    await isGone(instanceId);
    await provider.terminate(instanceId);
    expect(mine(spec.marks)).toEqual([]);
    expect(await provider.find(spec.marks)).toBeNull();
  });

  test.each<Fault>(['lost', 'unheard', 'throttled', 'doubled', 'unavailable'])(
    'end although the request was %s',
    async (fault) => {
      const { instanceId } = await provider.run(specOf(aBox()));
      cloud.faults.plan('end', fault);
      await provider.terminate(instanceId);
      await isGone(instanceId);
    },
  );

  test('that ended by themselves are seen as ended', async () => {
    const { instanceId } = await provider.run(specOf(aBox()));
    await isRunning(instanceId);
    await cloud.end(instanceId);
    await isGone(instanceId);
    await provider.terminate(instanceId);
  });

  test('that there are none of are nothing, whatever they are called', async () => {
    for (const id of ['i-0123456789abcdef0', '4711', 'no-such-one', '../../secrets', '', '💥']) {
      expect(await provider.describe(id)).toBeNull();
      await provider.terminate(id);
    }
  });

  test('are listed whole, and by installation', async () => {
    const one = await Promise.all([1, 2, 3, 4, 5].map(() => provider.run(specOf(aBox({ owner: 'one' })))));
    const other = await provider.run(specOf(aBox({ owner: 'other' })));
    const idsOf = async (owner?: string) => (await provider.list(owner)).map(({ instanceId }) => instanceId).toSorted();
    expect(await idsOf('one')).toEqual(one.map(({ instanceId }) => instanceId).toSorted());
    expect(await idsOf('other')).toEqual([other.instanceId]);
    expect(await idsOf('nobody')).toEqual([]);
    expect(await idsOf()).toEqual(expect.arrayContaining([...(await idsOf('one')), other.instanceId]));
  });

  test('of strangers and of other control planes are not there, and are never ended', async () => {
    const other = await providerOf(cloud, 'another-control-plane');
    const marks = aBox();
    const theirs = await other.run(specOf(marks));
    const stranger = await cloud.addStranger();
    for (const id of [stranger, theirs.instanceId]) await provider.terminate(id);
    expect(await provider.describe(stranger)).toBeNull();
    expect(await provider.describe(theirs.instanceId)).toBeNull();
    expect(await provider.find(marks)).toBeNull();
    expect(await provider.list()).not.toContainEqual(expect.objectContaining({ instanceId: theirs.instanceId }));
    expect(await codeOf(provider.run(specOf(marks)))).toBeDefined();
    const running = cloud.machines().map(({ id }) => id);
    expect(running).toEqual(expect.arrayContaining([stranger, theirs.instanceId]));
  });

  test('keep their data on a disk that the next one of the workspace gets, until it is pruned', async () => {
    const first = aBox();
    const before = removedDisks();
    const [one] = await Promise.all([1, 2, 3].map(() => provider.run(specOf(first, true))));
    if (!one) throw new Error('there is none');
    await provider.removeVolumes(first);
    await provider.terminate(one.instanceId);
    await isGone(one.instanceId);
    const two = await provider.run(specOf(aBox({ workspaceId: first.workspaceId }), true));
    await provider.terminate(two.instanceId);
    await isGone(two.instanceId);
    await provider.removeVolumes(first);
    await provider.removeVolumes(first);
    expect(removedDisks() - before).toBe(1);
  });

  const removedDisks = (): number =>
    cloud.requests.filter(({ text }) => /Action=DeleteVolume|^DELETE\n[^\n]*\/(?:volumes|disks)/.test(text)).length;

  test('give out what they have said, where the cloud does', async () => {
    const { instanceId } = await provider.run(specOf(aBox()));
    cloud.say(instanceId, 'hello from the console\n');
    const said = provider.console(instanceId);
    if (provider.capabilities.console) expect(await said).toBe('hello from the console\n');
    else await expect(said).rejects.toMatchObject({ code: 'CONSOLE_UNSUPPORTED' });
  });

  test('are refused when the cloud cannot be what was asked for', () => {
    const wish = (over: Parameters<Provider['machineFor']>[0]) => () => provider.machineFor(over, 2);
    for (const refused of [
      wish({ instanceType: 'abacus' }),
      wish({ diskGib: 29 }),
      wish({ diskGib: 501 }),
      wish({ display: { mode: 'desktop-control', width: 799 } }),
      wish({ display: { mode: 'desktop-control', height: 2_161 } }),
      wish({ display: { mode: 'gpu-desktop-control' }, instanceType: provider.capabilities.instance_types[0] }),
    ]) {
      expect(refused).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
    }
    const most = { diskGib: 500, dataPersistence: 'persist' } as const;
    expect(wish({ ...most, display: { mode: 'desktop-control', width: 800, height: 600 } })()).toMatchObject({
      diskGib: 500,
    });
  });
});
