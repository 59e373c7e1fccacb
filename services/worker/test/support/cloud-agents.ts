import type { Poker } from '@holdfast/activities/operation/poker';
import type { Cipher } from '@holdfast/activities/secret/cipher';
import { type CloudRig, startCloudRig } from '@holdfast/infra/testing/system/cloud-rig';
import { type Caller, startRegistry } from '@holdfast/infra/testing/system/registry';
import type { Database } from '@holdfast/prisma';
import type { RealBox } from './reality.ts';
import type { CloudSettings } from './worker-processes.ts';

export interface CloudAgentsOptions {
  readonly db: Database;
  readonly databaseUrl: string;
  readonly cipher: Cipher;
  readonly poker: Poker;
  /** Agents that never get through with a word. */
  readonly isMute?: (box: RealBox) => boolean;
  /** What the control plane is configured with besides. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface CloudAgents extends AsyncDisposable {
  readonly rig: CloudRig;
  /** What a worker is told to have its boxes there. */
  readonly settings: CloudSettings;
}

/** Clouds whose machines run real agents, which register with the code of the gateway. */
export async function startCloudAgents(options: CloudAgentsOptions): Promise<CloudAgents> {
  const { db, databaseUrl, cipher, poker, isMute, env } = options;
  await using parts = new AsyncDisposableStack();
  let clouds: CloudRig | undefined;
  const isSilent = ({ workspaceId, url }: Caller): boolean => {
    const machine = clouds?.machines().find(({ address }) => url === `http://${address}:8000`);
    // Of one that has ended meanwhile nothing counts any more.
    return !machine || (isMute?.({ workspaceId, boxId: machine.boxId }) ?? false);
  };
  const registry = parts.use(await startRegistry({ db, cipher, poker, isMute: isSilent }));
  const rig = parts.use(await startCloudRig({ databaseUrl, platforms: [registry.url], ...(env ? { env } : {}) }));
  clouds = rig;
  const [tenant] = rig.controlPlane.tenants;
  if (!tenant) throw new Error('the control plane has no organisation');
  const { orgId, sharedSecret, adminToken } = tenant;
  const whole = parts.move();
  return {
    rig,
    settings: {
      controlPlane: { url: rig.controlPlane.url, sharedSecret, adminToken },
      orgId,
      platformUrl: registry.url,
    },
    [Symbol.asyncDispose]: () => whole.disposeAsync(),
  };
}
