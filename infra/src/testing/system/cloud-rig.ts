import type { CloudProvider } from '@holdfast/workflows/box/box';
import { type Cloud, cloudStarts, startSimulator } from '../clouds/index.ts';
import { startControlPlane, type TestControlPlane } from './control-plane.ts';

/** A machine of ours, and the box that it is. */
export interface BoxMachine {
  readonly boxId: string;
  readonly provider: CloudProvider;
  readonly id: string;
  readonly address: string;
}

/** Clouds, the control plane in front of them, and what runs on their machines. */
export interface CloudRig extends AsyncDisposable {
  readonly clouds: readonly Cloud[];
  readonly controlPlane: TestControlPlane;
  /** Every machine of ours that runs, in whichever cloud. */
  machines(): BoxMachine[];
  close(): Promise<void>;
}

export interface CloudRigOptions {
  readonly databaseUrl: string;
  /** All of them unless told. */
  readonly providers?: readonly CloudProvider[];
  readonly platforms?: readonly string[];
  /** What the control plane is configured with besides. */
  readonly env?: Readonly<Record<string, string>>;
  /** A file that the control plane's log is kept in. */
  readonly log?: string;
}

/** Starts clouds with a control plane, and a real agent on every machine that comes to be. */
export async function startCloudRig(options: CloudRigOptions): Promise<CloudRig> {
  const { databaseUrl, platforms, env, log } = options;
  const providers = options.providers ?? (Object.keys(cloudStarts) as CloudProvider[]);
  await using parts = new AsyncDisposableStack();
  const clouds = await Promise.all(providers.map(async (provider) => parts.use(await cloudStarts[provider]())));
  parts.use(startSimulator(clouds));
  const given = { ...(platforms ? { platforms } : {}), ...(env ? { env } : {}), ...(log ? { log } : {}) };
  const controlPlane = parts.use(await startControlPlane({ clouds, databaseUrl, ...given }));
  const whole = parts.move();
  const close = (): Promise<void> => whole.disposeAsync();
  return { clouds, controlPlane, machines: () => clouds.flatMap(machinesOf), close, [Symbol.asyncDispose]: close };
}

const machinesOf = (cloud: Cloud): BoxMachine[] =>
  cloud.machines().flatMap(({ id, address, userData }) => {
    // The address it boots from ends in its box.
    const boxId = /^BOOT_URL='.*\/(?<box>[^/']+)'$/m.exec(userData)?.groups?.['box'];
    return boxId === undefined ? [] : [{ boxId, provider: cloud.name, id, address }];
  });

/** What a gateway and a worker are configured with to have their boxes there. */
export const tenantEnvironment = ({ controlPlane }: Pick<CloudRig, 'controlPlane'>): Record<string, string> => {
  const [tenant] = controlPlane.tenants;
  if (!tenant) throw new Error('the control plane has no organisation');
  return {
    BACKEND: 'control-plane',
    MOLECULE_ORG_ID: tenant.orgId,
    MOLECULE_CP_SHARED_SECRET: tenant.sharedSecret,
    ADMIN_TOKEN: tenant.adminToken,
    CP_PROVISION_URL: controlPlane.url,
  };
};
