import type { ControlPlaneConfig } from './config.ts';
import type { Attempts } from './provider/attempts.ts';
import type { AwsSettings } from './provider/aws/aws-provider.ts';
import type { GcpSettings } from './provider/gcp/gcp-provider.ts';
import type { HetznerSettings } from './provider/hetzner/hetzner-provider.ts';
import type { Provider, ProviderName } from './provider/port.ts';
import { createProviders, type Providers } from './provider/registry.ts';

/** How long clouds are waited for. */
export interface CloudTiming {
  /** How often what a cloud was too busy for is repeated. */
  readonly attempts: Attempts;
  /** For one request. */
  readonly requestMs: number;
  /** For all that belongs to a create. */
  readonly createMs: number;
  /** Between two looks at what a cloud is doing. */
  readonly lookMs: number;
}

export const usualCloudTiming: CloudTiming = {
  attempts: { most: 4, firstPauseMs: 250 },
  requestMs: 15_000,
  createMs: 60_000,
  lookMs: 1_000,
};

/** The clouds of the configuration; none of their code is loaded before it is needed. */
export const configuredProviders = (config: ControlPlaneConfig, timing: CloudTiming = usualCloudTiming): Providers =>
  createProviders(
    Object.fromEntries(config.CONTROL_PLANE_PROVIDERS.map((name) => [name, () => load(name, config, timing)])),
  );

async function load(name: ProviderName, config: ControlPlaneConfig, timing: CloudTiming): Promise<Provider> {
  switch (name) {
    case 'aws':
      return (await import('./provider/aws/aws-provider.ts')).awsProvider(awsSettings(config, timing));
    case 'hetzner':
      return (await import('./provider/hetzner/hetzner-provider.ts')).hetznerProvider(hetznerSettings(config, timing));
    case 'gcp': {
      const { gcpProvider } = await import('./provider/gcp/gcp-provider.ts');
      const { accessTokens } = await import('./provider/gcp/access-token.ts');
      const token = accessTokens(config.GCP_CREDENTIALS_FILE ?? '', timing.requestMs);
      return gcpProvider({ ...gcpSettings(config, timing), token });
    }
  }
}

function awsSettings(config: ControlPlaneConfig, { attempts, requestMs, createMs }: CloudTiming): AwsSettings {
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = config;
  const key = { accessKeyId, secretAccessKey, ...given('sessionToken', config.AWS_SESSION_TOKEN) };
  return {
    controlPlane: config.HOLDFAST_OWNER,
    region: config.AWS_REGION ?? '',
    imageId: config.AWS_IMAGE_ID ?? '',
    rootDevice: config.AWS_ROOT_DEVICE,
    attempts,
    requestMs,
    attachMs: createMs,
    ...given('credentials', config.AWS_INSTANCE_ROLE ? undefined : key),
    ...given('endpoint', config.AWS_ENDPOINT_URL_EC2),
    ...given('subnetId', config.AWS_SUBNET_ID),
    ...given('securityGroupIds', config.AWS_SECURITY_GROUP_IDS),
    ...given('instanceTypes', config.AWS_INSTANCE_TYPES),
  };
}

const hetznerSettings = (
  config: ControlPlaneConfig,
  { attempts, requestMs, createMs, lookMs }: CloudTiming,
): HetznerSettings => ({
  controlPlane: config.HOLDFAST_OWNER,
  endpoint: config.HETZNER_ENDPOINT,
  token: config.HETZNER_TOKEN ?? '',
  location: config.HETZNER_LOCATION,
  image: config.HETZNER_IMAGE,
  attempts,
  requestMs,
  lookMs,
  actionMs: createMs,
  ...given('networkId', config.HETZNER_NETWORK),
  ...given('serverTypes', config.HETZNER_SERVER_TYPES),
});

const gcpSettings = (
  config: ControlPlaneConfig,
  { attempts, requestMs, createMs, lookMs }: CloudTiming,
): Omit<GcpSettings, 'token'> => ({
  controlPlane: config.HOLDFAST_OWNER,
  endpoint: config.GCP_ENDPOINT,
  project: config.GCP_PROJECT ?? '',
  zone: config.GCP_ZONE ?? '',
  image: config.GCP_IMAGE ?? '',
  network: config.GCP_NETWORK,
  attempts,
  requestMs,
  lookMs,
  operationMs: createMs,
  ...given('machineTypes', config.GCP_MACHINE_TYPES),
});

/** A member, or none where there is nothing to say. */
const given = <K extends string, V>(name: K, value: V | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { readonly [P in K]?: V };
