import type { Cloud } from '@holdfast/infra/testing/clouds/index';
import { startSimulator } from '@holdfast/infra/testing/clouds/index';
import { type TestDatabase, testDatabase, uniqueId } from '@holdfast/infra/testing/index';
import {
  startControlPlane,
  type TestControlPlane,
  type TestTenant,
} from '@holdfast/infra/testing/system/control-plane';
import type { BoxBackend, BoxSpec, CloudSpec } from '../src/box/backend.ts';
import { controlPlaneBackend } from '../src/box/control-plane/backend.ts';
import { connectToControlPlane } from '../src/control-plane/control-plane.ts';
import { aSpec } from './box-port.ts';

/** Clouds, the control plane in front of them, and what runs on their machines. */
export interface CloudRig {
  readonly db: TestDatabase;
  readonly clouds: readonly Cloud[];
  readonly controlPlane: TestControlPlane;
  /** The backend of an installation of one of the organisations; of the first unless told. */
  backend(of?: { owner?: string; tenant?: TestTenant; timeoutMs?: number }): BoxBackend;
  close(): Promise<void>;
}

export async function startCloudRig(
  starts: readonly (() => Promise<Cloud>)[],
  env: Readonly<Record<string, string>> = {},
): Promise<CloudRig> {
  const db = await testDatabase();
  const clouds = await Promise.all(starts.map((start) => start()));
  const simulator = startSimulator(clouds);
  const platforms = ['http://127.0.0.1:9', 'http://127.0.0.1:9'];
  const controlPlane = await startControlPlane({ clouds, databaseUrl: db.url, platforms, env });
  return {
    db,
    clouds,
    controlPlane,
    backend({ owner = uniqueId('owner'), tenant = controlPlane.tenants[0], timeoutMs } = {}) {
      if (!tenant) throw new Error('no tenant');
      return controlPlaneBackend({
        owner,
        orgId: tenant.orgId,
        controlPlane: connectToControlPlane({
          url: controlPlane.url,
          ...tenant,
          ...(timeoutMs === undefined ? {} : { timeoutMs }),
        }),
      });
    },
    async close() {
      await controlPlane.stop();
      await simulator.stop();
      await Promise.all(clouds.map((cloud) => cloud.stop()));
      await db.dispose();
    },
  };
}

export const aCloud = (over: Partial<CloudSpec> = {}): CloudSpec => ({
  provider: 'aws',
  compute: {},
  nonce: uniqueId('nonce'),
  isUnanswered: false,
  ...over,
});

/** A box for a cloud, which finds its token by its nonce. */
export const aCloudSpec = (over: Partial<BoxSpec> = {}, cloud: Partial<CloudSpec> = {}): BoxSpec =>
  aSpec('', { cloud: aCloud(cloud), ...over });

/** Whether an agent answers at the address. */
export const answers = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/health`)).ok;
  } catch {
    return false;
  }
};
