import { startCloudRig, type CloudRig as Clouds } from '@holdfast/infra/testing/system/cloud-rig';
import { type TestDatabase, testDatabase, uniqueId } from '@holdfast/infra/testing/index';
import type { TestTenant } from '@holdfast/infra/testing/system/control-plane';
import type { CloudProvider } from '@holdfast/workflows/box/box';
import type { BoxBackend, BoxSpec, CloudSpec } from '../src/box/backend.ts';
import { controlPlaneBackend } from '../src/box/control-plane/backend.ts';
import { connectToControlPlane } from '../src/control-plane/control-plane.ts';
import { aSpec } from './box-port.ts';

/** Clouds with a control plane of two organisations, and backends over it. */
export interface CloudRig extends Clouds {
  readonly db: TestDatabase;
  /** The backend of an installation of one of the organisations; of the first unless told. */
  backend(of?: { owner?: string; tenant?: TestTenant; timeoutMs?: number }): BoxBackend;
}

export async function givenClouds(
  providers: readonly CloudProvider[],
  env: Readonly<Record<string, string>> = {},
): Promise<CloudRig> {
  const db = await testDatabase();
  const platforms = ['http://127.0.0.1:9', 'http://127.0.0.1:9'];
  const rig = await startCloudRig({ databaseUrl: db.url, providers, platforms, env });
  const { controlPlane } = rig;
  return {
    ...rig,
    db,
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
      await rig.close();
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
