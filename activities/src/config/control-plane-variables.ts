import type { ControlPlaneSettings } from '../control-plane/control-plane.ts';
import { orUnset, text, webAddress } from './variables.ts';

/** The control plane of the wire contract, where none is named. */
const HOSTED = 'https://api.moleculesai.app';

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

export const sharedSecretOf = (config: ControlPlaneConfig): string | undefined =>
  config.MOLECULE_CP_SHARED_SECRET ?? config.PROVISION_SHARED_SECRET;

export const controlPlaneSettings = (config: ControlPlaneConfig): ControlPlaneSettings => ({
  url: config.CP_PROVISION_URL ?? config.MOLECULE_CP_URL,
  sharedSecret: sharedSecretOf(config),
  adminApiToken: config.CP_ADMIN_API_TOKEN,
  adminToken: config.ADMIN_TOKEN,
});
