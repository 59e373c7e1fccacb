import { expect, test } from 'vitest';
import { fleet, useFleet } from './support/fleet.ts';

useFleet({ emulated: false });

const check = (wish: object) => fleet.one.call('POST', '/cp/workspaces/check', wish);

test('a check tells which machine it would be, and makes nothing', async () => {
  const wish = { provider: 'hetzner', tier: 2, disk_gb: 60, data_persistence: 'persist' };
  const { status, body } = await check({ ...wish, env: { API_KEY: 'left alone' } });
  expect({ status, body }).toEqual({
    status: 200,
    body: { provider: 'hetzner', instance_type: 'cx32', disk_gb: 60, data_persistence: 'persist' },
  });
  expect(fleet.hetzner.machines()).toEqual([]);
  expect(await fleet.plane.db.rows('SELECT 1 FROM control_plane.instances')).toEqual([]);
});

test.each([
  ['a type of another cloud', { instance_type: 't3.large' }, 'UNSUPPORTED', 'instance type "t3.large" is not allowed'],
  ['a disk that is too large', { disk_gb: 501 }, 'UNSUPPORTED', 'a disk has 30 to 500 GB'],
  ['a display it does not have', { display: { mode: 'gpu-desktop-control' } }, 'UNSUPPORTED', 'no display mode'],
  ['a cloud without an account', { provider: 'aws' }, 'PROVIDER_NOT_CONFIGURED', 'aws is not served'],
])('a check refuses what a provision would refuse: %s', async (_, wish, code, says) => {
  const { status, body } = await check({ provider: 'hetzner', ...wish });
  expect({ status, body }).toMatchObject({ status: 422, body: { code, error: expect.stringContaining(says) } });
});

test('a check of a cloud there is none of, and one by nobody, are refused as everywhere', async () => {
  expect((await check({ provider: 'azure' })).body).toMatchObject({ code: 'INVALID_REQUEST' });
  const nobody = { authorization: 'Bearer nobody' };
  const { status } = await fleet.one.call('POST', '/cp/workspaces/check', { provider: 'hetzner' }, nobody);
  expect(status).toBe(401);
});
