import type { ControlPlaneSettings } from '../control-plane/control-plane.ts';
import { orUnset, text, webAddress } from './variables.ts';

/** The control plane of the wire contract, where none is named. */
export const HOSTED = 'https://api.moleculesai.app';

const secret = orUnset(text.optional());

/** What whoever asks the control plane reads, under every name it has had. */
export const controlPlaneVariables = {
  CP_PROVISION_URL: orUnset(webAddress.optional()).meta({
    description: 'Address of the control plane that runs boxes in clouds.',
    unset: '`MOLECULE_CP_URL`',
  }),
  MOLECULE_CP_URL: orUnset(webAddress.default(HOSTED)).describe('The older name of CP_PROVISION_URL, which wins.'),
  MOLECULE_CP_SHARED_SECRET: secret.describe('What this organisation proves itself to the control plane with.'),
  PROVISION_SHARED_SECRET: secret.describe('The older name of MOLECULE_CP_SHARED_SECRET, which wins.'),
  CP_ADMIN_API_TOKEN: secret.meta({
    description: 'The bearer of what operators ask the control plane for.',
    unset: 'the shared secret',
  }),
};

export interface ControlPlaneConfig {
  readonly CP_PROVISION_URL?: string | undefined;
  readonly MOLECULE_CP_URL: string;
  readonly MOLECULE_CP_SHARED_SECRET?: string | undefined;
  readonly PROVISION_SHARED_SECRET?: string | undefined;
  readonly CP_ADMIN_API_TOKEN?: string | undefined;
  readonly ADMIN_TOKEN?: string | undefined;
}

type Secrets = Pick<ControlPlaneConfig, 'MOLECULE_CP_SHARED_SECRET' | 'PROVISION_SHARED_SECRET'>;

export const sharedSecretOf = (config: Secrets): string | undefined =>
  config.MOLECULE_CP_SHARED_SECRET ?? config.PROVISION_SHARED_SECRET;

/** All workers whose boxes are in clouds count as one host: any of them with the credentials does for every machine. */
export const CLOUD_HOST = 'control-plane';

/** What whoever has boxes made in clouds goes by. */
export interface CloudConfig extends Secrets {
  readonly BACKEND: string;
  readonly MOLECULE_ORG_ID?: string | undefined;
  readonly PLATFORM_URL?: string | undefined;
}

/** Whether boxes are made in clouds: when told so, and by themselves where an organisation and its secret are given. */
export const isInClouds = (config: CloudConfig): boolean =>
  config.BACKEND === 'control-plane' ||
  (config.BACKEND === 'auto' && config.MOLECULE_ORG_ID !== undefined && sharedSecretOf(config) !== undefined);

/** What boxes in clouds cannot do without, of which there is none: the variable, and what it must be set to. */
export function missingForClouds(config: CloudConfig): readonly { readonly name: string; readonly message: string }[] {
  if (!isInClouds(config)) return [];
  return [
    {
      name: 'MOLECULE_ORG_ID',
      value: config.MOLECULE_ORG_ID,
      message: 'must be set to the id the control plane knows this organisation by, or BACKEND to another one',
    },
    {
      name: 'MOLECULE_CP_SHARED_SECRET',
      value: sharedSecretOf(config),
      message: 'must be set to the secret the control plane gave this organisation',
    },
    {
      name: 'PLATFORM_URL',
      value: config.PLATFORM_URL,
      message: 'must be set to the address at which machines in the clouds reach the gateway',
    },
  ].filter(({ value }) => value === undefined);
}

export const controlPlaneSettings = (config: ControlPlaneConfig): ControlPlaneSettings => ({
  url: config.CP_PROVISION_URL ?? config.MOLECULE_CP_URL,
  sharedSecret: sharedSecretOf(config),
  adminApiToken: config.CP_ADMIN_API_TOKEN,
  adminToken: config.ADMIN_TOKEN,
});
