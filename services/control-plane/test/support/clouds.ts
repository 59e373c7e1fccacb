import { randomUUID } from 'node:crypto';
import { type Cloud, cloudStarts } from '@holdfast/infra/testing/clouds/index';
import { type ControlPlaneConfig, readConfig } from '../../src/config.ts';
import type { Marks, Provider } from '../../src/provider/port.ts';
import { configuredProviders } from '../../src/providers.ts';

/** Every cloud there is, to run a suite against each. */
export const clouds = Object.entries(cloudStarts).map(([name, start]) => ({ name, start }));

/** Soon enough for a test, and long enough for a machine with two cores. */
export const quickClouds = {
  attempts: { most: 3, firstPauseMs: 5 },
  requestMs: 10_000,
  createMs: 20_000,
  lookMs: 5,
} as const;

/** A configuration for these clouds, with the least that a control plane needs. */
export const configFor = (some: readonly Cloud[], more: Readonly<Record<string, string>> = {}): ControlPlaneConfig =>
  readConfig({
    DATABASE_URL: 'postgresql://127.0.0.1/nowhere',
    SECRETS_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    HOLDFAST_OWNER: 'this-control-plane',
    CONTROL_PLANE_URL: 'http://127.0.0.1:1',
    CONTROL_PLANE_ORGANISATIONS: 'organisations.json',
    CONTROL_PLANE_PROVIDERS: some.map(({ name }) => name).join(','),
    ...Object.assign({}, ...some.map(({ environment }) => environment)),
    ...more,
  });

/** The provider of a cloud, as the control plane of an owner has it. */
export const providerOf = (cloud: Cloud, owner = 'this-control-plane'): Promise<Provider> =>
  configuredProviders(configFor([cloud], { HOLDFAST_OWNER: owner }), quickClouds).get(cloud.name);

/** The marks of a box that no test has had. */
export const aBox = (over: Partial<Marks> = {}): Marks => ({
  boxId: randomUUID(),
  workspaceId: randomUUID(),
  orgId: 'an-organisation',
  owner: 'an-installation',
  ...over,
});
