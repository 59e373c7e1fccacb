import type { ControlPlaneConfig } from './config.ts';
import type { ProviderName } from './provider/port.ts';
import { createProviders, type ProviderLoader, type Providers } from './provider/registry.ts';

const REQUEST_MS = 30_000;
const CREATE_MS = 100_000;

/** The clouds of the configuration; none of their code is loaded before it is needed. */
export function configuredProviders(config: ControlPlaneConfig): Providers {
  const loaders: Partial<Record<ProviderName, ProviderLoader>> = {
    aws: async () => (await import('./provider/aws/aws-provider.ts')).awsProvider(awsSettings(config)),
  };
  return createProviders(Object.fromEntries(config.CONTROL_PLANE_PROVIDERS.map((name) => [name, loaders[name]])));
}

function awsSettings(config: ControlPlaneConfig) {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = config;
  const byKey = accessKeyId !== undefined && secretAccessKey !== undefined;
  return {
    controlPlane: config.HOLDFAST_OWNER,
    region: config.AWS_REGION ?? '',
    imageId: config.AWS_IMAGE_ID ?? '',
    rootDevice: config.AWS_ROOT_DEVICE,
    requestMs: REQUEST_MS,
    attachMs: CREATE_MS,
    ...(byKey
      ? {
          credentials: {
            accessKeyId,
            secretAccessKey,
            ...(config.AWS_SESSION_TOKEN === undefined ? {} : { sessionToken: config.AWS_SESSION_TOKEN }),
          },
        }
      : {}),
    ...(config.AWS_ENDPOINT_URL_EC2 === undefined ? {} : { endpoint: config.AWS_ENDPOINT_URL_EC2 }),
    ...(config.AWS_SUBNET_ID === undefined ? {} : { subnetId: config.AWS_SUBNET_ID }),
    ...(config.AWS_SECURITY_GROUP_IDS === undefined ? {} : { securityGroupIds: config.AWS_SECURITY_GROUP_IDS }),
    ...(config.AWS_INSTANCE_TYPES === undefined ? {} : { instanceTypes: config.AWS_INSTANCE_TYPES }),
  };
}
