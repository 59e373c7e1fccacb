import { CLOUD_START_MS, type Cloud } from '@holdfast/infra/testing/clouds/index';
import { waitFor } from '@holdfast/infra/testing/index';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ComputeWish, Marks, Provider } from '../src/provider/port.ts';
import { aBox, clouds, providerOf } from './support/clouds.ts';
import { hardwareOf } from './support/hardware.ts';

/** A type that no tier gets, and one with a graphics card where there is such a thing. */
const types: Readonly<Record<string, { asked: string; graphics: string | null }>> = {
  aws: { asked: 'c6i.xlarge', graphics: 'g4dn.xlarge' },
  gcp: { asked: 'n2-standard-4', graphics: 'g2-standard-4' },
  hetzner: { asked: 'ccx23', graphics: null },
};
/** Every machine of Hetzner has the disk of its type, and none of its own beside it. */
const hasRootDisk = (cloud: Cloud): boolean => cloud.name !== 'hetzner';

describe.each(clouds)('what a cloud is asked for: at $name', ({ name, start }) => {
  let cloud: Cloud;
  let provider: Provider;
  beforeAll(async () => {
    cloud = await start();
    provider = await providerOf(cloud);
  }, CLOUD_START_MS);
  afterAll(() => cloud.stop());

  const made = async (wish: ComputeWish, marks = aBox()) => {
    const machine = provider.machineFor(wish, 2);
    const { instanceId } = await provider.run({ marks, machine, userData: `BOOT_NONCE='of-${marks.boxId}'\n` });
    return { instanceId, ...(await hardwareOf(cloud, instanceId)) };
  };
  const marksFor = ({ boxId, workspaceId, orgId, owner }: Marks) => ({
    'holdfast-control-plane': 'this-control-plane',
    'holdfast-organisation': orgId,
    'holdfast-owner': owner,
    'holdfast-workspace': workspaceId,
    'holdfast-box': boxId,
  });
  const { asked, graphics } = types[name] ?? { asked: '', graphics: null };

  test('the type and the disk of the wish are what the machine has', async () => {
    const { type, disks } = await made({ instanceType: asked, diskGib: 77 });
    expect(type).toBe(asked);
    expect(disks.map(({ isRoot, sizeGib }) => [isRoot, sizeGib])).toEqual(hasRootDisk(cloud) ? [[true, 77]] : []);
  });

  test('the disk that outlives the machine is as large as the wish', async () => {
    const { disks } = await made({ diskGib: 123, dataPersistence: 'persist' });
    expect(disks.filter(({ isRoot }) => !isRoot)).toMatchObject([{ sizeGib: 123 }]);
  });

  test('a display with a graphics card is a machine that has one, and without needs none', async () => {
    const { type } = await made({ display: { mode: 'desktop-control' } });
    expect(type).toBe(provider.machineFor({}, 2).instanceType);
    if (graphics !== null) expect((await made({ display: { mode: 'gpu-desktop-control' } })).type).toBe(graphics);
  });

  test('a machine and all its disks say whose they are, for which workspace and which box', async () => {
    const marks = aBox();
    const { disks, ...machine } = await made({ dataPersistence: 'persist' }, marks);
    expect(machine.marks).toEqual(marksFor(marks));
    expect(disks.map((disk) => disk.marks)).toEqual([
      ...(hasRootDisk(cloud) ? [{ ...marksFor(marks), 'holdfast-disk': 'root' }] : []),
      { ...marksFor(marks), 'holdfast-disk': 'data' },
    ]);
  });

  test('a disk that was kept says which box it was made for, and a root disk is never taken for it or removed', async () => {
    const first = aBox();
    const second = aBox({ workspaceId: first.workspaceId });
    // A machine without a disk of its workspace, but with one of its own, at the same time.
    const bare = await made({}, aBox({ workspaceId: first.workspaceId }));
    const { instanceId } = await made({ dataPersistence: 'persist' }, first);
    await provider.terminate(instanceId);
    await waitFor(async () => [undefined, 'terminated'].includes((await provider.describe(instanceId))?.state));
    const next = await made({ dataPersistence: 'persist' }, second);
    expect(next.disks.filter(({ isRoot }) => !isRoot)).toMatchObject([{ marks: marksFor(first) }]);
    await provider.terminate(next.instanceId);
    await waitFor(async () => [undefined, 'terminated'].includes((await provider.describe(next.instanceId))?.state));
    expect(await provider.removeVolumes(first)).toBe(true);
    expect(await hardwareOf(cloud, bare.instanceId)).toMatchObject({ disks: bare.disks });
  });
});
