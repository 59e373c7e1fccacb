import { CLOUD_START_MS } from '@holdfast/infra/testing/clouds/index';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepareBox } from '../src/box/prepare-box.ts';
import { recordStep } from '../src/operation/steps.ts';
import { connectToControlPlane } from '../src/control-plane/control-plane.ts';
import { controlPlaneBackend } from '../src/box/control-plane/backend.ts';
import { aPulse, type BoxRig, boxRig, givenOperation } from './box-given.ts';
import { startOlderControlPlane } from './control-plane-older.ts';
import { type CloudRig, givenClouds } from './control-plane-given.ts';

let clouds: CloudRig;
let rig: BoxRig;
beforeAll(async () => {
  clouds = await givenClouds(['hetzner', 'gcp']);
  rig = boxRig(clouds.db.database, { backends: (_, owner) => [clouds.backend({ owner })] });
}, CLOUD_START_MS);
afterAll(() => clouds.close());

/** A workspace on hetzner that is to move, as its prepare finds it. */
async function moving(compute: Record<string, unknown>, to: string) {
  const given = await givenOperation(rig, 'switch', {
    backend: 'control-plane',
    compute: { provider: 'hetzner', ...compute },
  });
  const request = { provider_from: 'hetzner', provider_to: to, provider_stored: 'hetzner' };
  await rig.context.db.operation.update({ where: { id: given.operationId }, data: { request } });
  return { ...given, order: { ...given.order, backend: 'control-plane' } };
}
const prepare = ({ order }: Awaited<ReturnType<typeof moving>>, by = rig) => prepareBox(by.context, order, aPulse());

describe('before anything of a workspace is stopped, its cloud is asked whether it has what the next box asks for', () => {
  test.each([
    ['gcp', { instance_type: 'cx22' }, 'the cloud has no such machine, disk or display (UNSUPPORTED)'],
    ['gcp', { volume: { root_gb: 9_000 } }, 'the cloud has no such machine, disk or display (UNSUPPORTED)'],
    ['aws', {}, 'the control plane has no account at that cloud (PROVIDER_NOT_CONFIGURED)'],
  ])('a switch to %s with %j is refused for good, with the reason', async (to, compute, reason) => {
    await expect(prepare(await moving(compute, to))).rejects.toMatchObject({
      type: 'PROVISION_FAILED',
      nonRetryable: true,
      details: [{ reason }],
    });
  });

  test('a switch to a cloud that has it all goes on', async () => {
    await expect(prepare(await moving({ instance_type: 'cx22' }, 'hetzner'))).resolves.toBeUndefined();
  });

  test('once it has moved, and on its way back, it is the cloud of the row that counts', async () => {
    const switching = await moving({ instance_type: 'cx22' }, 'gcp');
    await recordStep(rig.context.db, { operationId: switching.operationId, cycle: 0, step: 'move', state: 'done' });
    await expect(prepare(switching)).resolves.toBeUndefined();
  });

  test('an older control plane, which cannot say, is not asked', async () => {
    const older = await startOlderControlPlane(() => ({ status: 500 }));
    const controlPlane = connectToControlPlane({ url: older.url });
    const backends = () => [controlPlaneBackend({ owner: 'owner', orgId: 'acme', controlPlane })];
    const by = boxRig(clouds.db.database, { backends });
    await expect(prepare(await moving({ instance_type: 'cx22' }, 'gcp'), by)).resolves.toBeUndefined();
    expect(older.heard()).toEqual([]);
    await older.close();
  });
});
