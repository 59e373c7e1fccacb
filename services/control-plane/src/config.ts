import { ConfigError, type Environment, readEnvironment } from '@holdfast/activities/config/read-environment';
import { sharedVariables } from '@holdfast/activities/config/shared-variables';
import {
  list,
  milliseconds,
  orUnset,
  text,
  webAddress,
  wholeNumber,
  yesOrNo,
} from '@holdfast/activities/config/variables';
import { z } from 'zod';
import { readServiceAccount } from './provider/gcp/service-account.ts';
import { type ProviderName, providerNames } from './provider/port.ts';
import { usualTiming } from './timing.ts';

export { ConfigError };

const trimmed = text.transform((value) => value.trim());
const needed = (what: string) => z.string({ error: `must be set to ${what}` }).transform((value) => value.trim());
/** What goes into a header as it is: one that was pasted with more than itself would fail at every request. */
const credential = trimmed.pipe(
  z.string().regex(/^[!#-&(-~]+$/, 'must be one line of letters, digits and signs, without spaces or quotes'),
);
const isProvider = (name: string): name is ProviderName => (providerNames as readonly string[]).includes(name);

/** Every variable the control plane reads, with what it means. */
export const ControlPlaneEnvironment = z.object({
  DATABASE_URL: sharedVariables.DATABASE_URL.describe('Postgres; everything is kept in its schema control_plane.'),
  DATABASE_CONNECTIONS: orUnset(wholeNumber(2, 100).default(10)).describe('Connections one control plane may hold.'),
  SECRETS_ENCRYPTION_KEY: sharedVariables.SECRETS_ENCRYPTION_KEY.describe(
    'Seals what boxes fetch: base64 of 32 bytes. The control plane has its own.',
  ),
  HOLDFAST_OWNER: orUnset(
    needed('the id of this installation, such as the output of "uuidgen"; never change it'),
  ).describe('Marks every machine and volume of this control plane; what is not so marked it never touches.'),
  PORT: orUnset(wholeNumber(0, 65_535).default(8090)).describe('Port of the API; 0 takes a free one.'),
  HOLDFAST_LISTEN: orUnset(trimmed.default('127.0.0.1')).describe('Address to listen on.'),
  CONTROL_PLANE_URL: orUnset(needed('the address at which machines reach the control plane').pipe(webAddress)).describe(
    'Address of this API as the machines in the clouds reach it.',
  ),
  CONTROL_PLANE_ORGANISATIONS: orUnset(needed('the JSON file that lists the organisations')).describe(
    'File that lists the organisations and their credentials.',
  ),
  CONTROL_PLANE_PROVIDERS: orUnset(
    needed('the clouds to serve: aws, gcp, hetzner, comma-separated')
      .pipe(list)
      .pipe(z.array(z.string().refine(isProvider, { error: 'must hold aws, gcp and hetzner only' }))),
  ).describe('Clouds that are served, comma-separated: aws, gcp, hetzner.'),
  CONTROL_PLANE_BOOT_SECONDS: orUnset(wholeNumber(1, 86_400).optional()).meta({
    description: 'How long a machine may take to boot, for every runtime.',
    unset: '`480`, and `1500` for hermes',
  }),
  CONTROL_PLANE_LOOK_MS: orUnset(milliseconds.default(5_000)).describe(
    'Pause between two looks at a machine that boots or ends.',
  ),
  CONTROL_PLANE_STOP_WAIT_MS: orUnset(milliseconds.default(20_000)).describe(
    'How long a delete waits for the machine to be gone before it answers "terminating".',
  ),
  CONTROL_PLANE_ATTEMPT_MS: orUnset(milliseconds.default(usualTiming.attemptMs)).describe(
    'How long a machine may still come of a create that a cloud has not answered.',
  ),
  CONTROL_PLANE_VISIBLE_MS: orUnset(milliseconds.default(usualTiming.visibleMs)).describe(
    'How long a cloud may not show yet what it has made.',
  ),
  IMAGE_REGISTRY: orUnset(trimmed.optional()).describe('Where the container images of the runtimes are.'),
  HOLDFAST_AGENT_IMAGE: orUnset(trimmed.default('holdfast/agent:0.1.0')).describe(
    'Container image of the runtime reference.',
  ),
  LOG_LEVEL: sharedVariables.LOG_LEVEL,
  AWS_REGION: orUnset(trimmed.optional()).describe('aws: region.'),
  AWS_ACCESS_KEY_ID: orUnset(credential.optional()).describe('aws: credential.'),
  AWS_SECRET_ACCESS_KEY: orUnset(credential.optional()).describe('aws: credential.'),
  AWS_SESSION_TOKEN: orUnset(credential.optional()).describe('aws: third part of a temporary credential.'),
  AWS_INSTANCE_ROLE: orUnset(yesOrNo.default(false)).describe(
    'aws: use the role of the machine this runs on instead of keys.',
  ),
  AWS_ENDPOINT_URL_EC2: orUnset(webAddress.optional()).meta({
    description: 'aws: address of the API.',
    unset: 'that of the region',
  }),
  AWS_IMAGE_ID: orUnset(trimmed.optional()).describe('aws: machine image with Docker and curl.'),
  AWS_ROOT_DEVICE: orUnset(trimmed.default('/dev/xvda')).describe('aws: root device of that image.'),
  AWS_SUBNET_ID: orUnset(trimmed.optional()).meta({ description: 'aws: subnet.', unset: 'the default of the region' }),
  AWS_SECURITY_GROUP_IDS: orUnset(list.optional()).describe('aws: security groups, comma-separated.'),
  AWS_INSTANCE_TYPES: orUnset(list.optional()).describe(
    'aws: instance types that may be asked for; the first replaces a default that is missing.',
  ),
  HETZNER_TOKEN: orUnset(credential.optional()).describe('hetzner: API token of the project.'),
  HETZNER_ENDPOINT: orUnset(webAddress.default('https://api.hetzner.cloud/v1')).describe(
    'hetzner: address of the API.',
  ),
  HETZNER_LOCATION: orUnset(trimmed.default('fsn1')).describe('hetzner: location.'),
  HETZNER_IMAGE: orUnset(trimmed.default('docker-ce')).describe('hetzner: machine image with Docker and curl.'),
  HETZNER_NETWORK: orUnset(wholeNumber(1, 1e12).optional()).describe('hetzner: id of the private network.'),
  HETZNER_SERVER_TYPES: orUnset(list.optional()).describe('hetzner: server types that may be asked for.'),
  GCP_PROJECT: orUnset(trimmed.optional()).describe('gcp: project id.'),
  GCP_ZONE: orUnset(trimmed.optional()).describe('gcp: zone.'),
  GCP_CREDENTIALS_FILE: orUnset(trimmed.optional()).describe('gcp: JSON key file of a service account.'),
  GCP_ENDPOINT: orUnset(webAddress.default('https://compute.googleapis.com')).describe('gcp: address of the API.'),
  GCP_IMAGE: orUnset(trimmed.optional()).describe(
    'gcp: machine image with Docker and curl: projects/…/global/images/….',
  ),
  GCP_NETWORK: orUnset(trimmed.default('global/networks/default')).describe('gcp: network.'),
  GCP_MACHINE_TYPES: orUnset(list.optional()).describe('gcp: machine types that may be asked for.'),
});

export type ControlPlaneConfig = Omit<z.output<typeof ControlPlaneEnvironment>, 'CONTROL_PLANE_PROVIDERS'> & {
  readonly CONTROL_PLANE_PROVIDERS: readonly ProviderName[];
};

type Variable = keyof typeof ControlPlaneEnvironment.shape;

/** What a cloud that is served cannot do without, and where it comes from. */
const neededBy: Readonly<Record<ProviderName, Readonly<Partial<Record<Variable, string>>>>> = {
  aws: {
    AWS_REGION: 'the region, such as eu-central-1',
    AWS_ACCESS_KEY_ID: 'the access key of an IAM user, or set AWS_INSTANCE_ROLE=1',
    AWS_SECRET_ACCESS_KEY: 'the secret of that access key, or set AWS_INSTANCE_ROLE=1',
    AWS_IMAGE_ID: 'a machine image with Docker and curl, such as ami-…',
  },
  hetzner: { HETZNER_TOKEN: 'a read and write API token of the project' },
  gcp: {
    GCP_PROJECT: 'the project id',
    GCP_ZONE: 'the zone, such as europe-west3-a',
    GCP_CREDENTIALS_FILE: 'the JSON key file of a service account that may manage instances',
    GCP_IMAGE: 'a machine image with Docker and curl, such as projects/…/global/images/…',
  },
};

type Read = z.output<typeof ControlPlaneEnvironment>;

/** What can be told of credentials without asking the cloud, by variable: found at the start, not by the first tenant. */
const mistakesIn: Readonly<Record<ProviderName, (config: Read) => Readonly<Partial<Record<Variable, string>>>>> = {
  aws({ AWS_ACCESS_KEY_ID: key, AWS_SESSION_TOKEN: token, AWS_INSTANCE_ROLE: hasRole }) {
    const isHalf = !hasRole && key?.startsWith('ASIA') === true && token === undefined;
    if (!isHalf) return {};
    return { AWS_SESSION_TOKEN: 'must be set to serve aws: an access key that begins with ASIA is temporary' };
  },
  hetzner: () => ({}),
  gcp({ GCP_CREDENTIALS_FILE: file }) {
    const read = file === undefined ? null : readServiceAccount(file);
    return read !== null && 'mistake' in read ? { GCP_CREDENTIALS_FILE: read.mistake } : {};
  },
};

/** @throws ConfigError with all mistakes at once; values are never repeated in it */
export function readConfig(environment: Environment = process.env): ControlPlaneConfig {
  const schema = ControlPlaneEnvironment.superRefine((config, context) => {
    for (const provider of config.CONTROL_PLANE_PROVIDERS.filter(isProvider)) {
      for (const [name, what] of Object.entries(neededBy[provider])) {
        const isGiven = config[name as Variable] !== undefined;
        const isSpared = config.AWS_INSTANCE_ROLE && name.startsWith('AWS_') && name.includes('ACCESS_KEY');
        if (isGiven || isSpared) continue;
        context.addIssue({ code: 'custom', path: [name], message: `must be set to serve ${provider}: ${what}` });
      }
      for (const [name, message] of Object.entries(mistakesIn[provider](config))) {
        context.addIssue({ code: 'custom', path: [name], message });
      }
    }
  });
  return readEnvironment('control plane', schema, environment) as ControlPlaneConfig;
}
