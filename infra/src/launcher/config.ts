import path from 'node:path';
import {
  controlPlaneVariables,
  isInClouds,
  missingForClouds,
} from '@holdfast/activities/config/control-plane-variables';
import type { Environment } from '@holdfast/activities/config/read-environment';
import { sharedVariables } from '@holdfast/activities/config/shared-variables';
import { hostAndPort, list, orUnset, text, webAddress, wholeNumber } from '@holdfast/activities/config/variables';
import { z } from 'zod';
import { StartFailure } from '../failure.ts';
import { root } from '../root.ts';

const backends = ['auto', 'docker', 'control-plane', 'process', 'none'] as const;
export type BackendChoice = (typeof backends)[number];

/** Every variable the launcher reads; gateway and worker get these, completed, and everything else as it is. */
export const LauncherEnvironment = z.object({
  HOLDFAST_DATA_DIR: orUnset(text.default('.data')).describe(
    'Folder of all that is kept between runs, as seen from the checkout. Two folders are two installations.',
  ),
  DATABASE_URL: orUnset(z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgresql:// URL' }).optional()).meta({
    description: 'Postgres of your own.',
    unset: 'an embedded one',
  }),
  TEMPORAL_ADDRESS: orUnset(hostAndPort.optional()).meta({
    description: 'host:port of a Temporal server of your own.',
    unset: 'a development server',
  }),
  PORT: orUnset(wholeNumber(1, 65_535).optional()).meta({
    description: 'Port of the API.',
    unset: 'a free one from 8080 on',
  }),
  HOLDFAST_LISTEN: orUnset(list.optional()).meta({
    description: 'Addresses the API listens on, comma-separated.',
    unset: "loopback and, with Docker, the boxes' network",
  }),
  PLATFORM_URL: orUnset(webAddress.optional()).meta({
    description: 'Address of the API as boxes reach it; boxes in clouds need one.',
    unset: 'made to fit the backend',
  }),
  BACKEND: orUnset(z.enum(backends, { error: `must be one of ${backends.join(', ')}` }).default('auto')).describe(
    'Where boxes run: docker, control-plane, process or none; auto takes the control plane where it has an organisation and its secret, else Docker if an engine answers, else processes.',
  ),
  MOLECULE_ORG_ID: sharedVariables.MOLECULE_ORG_ID,
  MOLECULE_CP_SHARED_SECRET: controlPlaneVariables.MOLECULE_CP_SHARED_SECRET,
  PROVISION_SHARED_SECRET: controlPlaneVariables.PROVISION_SHARED_SECRET,
  HOLDFAST_NETWORK: orUnset(text.default('molecule-monorepo-net')).describe('Docker network of the boxes.'),
  ADMIN_TOKEN: orUnset(text.optional()).meta({
    description: 'Admin credential.',
    unset: 'made once, kept in `.data/secrets`',
  }),
  SECRETS_ENCRYPTION_KEY: orUnset(text.optional()).meta({
    description: 'Seals secrets: base64 of 32 bytes.',
    unset: 'made once, kept in `.data/secrets`',
  }),
  HOLDFAST_OWNER: orUnset(text.optional()).meta({
    description: 'Marks every box of this installation; never change it.',
    unset: 'made once, kept in `.data/owner-id`',
  }),
});

/** What the launcher itself goes by. */
export interface LauncherConfig {
  /** Absolute: where all that is kept between runs is. */
  readonly data: string;
  readonly databaseUrl: string | undefined;
  readonly temporalAddress: string | undefined;
  /** The API's port, when it must be this one. */
  readonly port: number | undefined;
  readonly backend: BackendChoice;
  readonly listen: string | undefined;
  readonly platformUrl: string | undefined;
  readonly adminToken: string | undefined;
  readonly encryptionKey: string | undefined;
  readonly owner: string | undefined;
  /** The tenant that every request to the API must name, if there is one. */
  readonly orgId: string | undefined;
  /** The Docker network boxes are put into. */
  readonly network: string;
}

/** @throws StartFailure for values that cannot be used */
export function readConfig(environment: Environment = process.env): LauncherConfig {
  const read = LauncherEnvironment.safeParse(environment);
  if (!read.success) throw new StartFailure(read.error.issues.map(mistake).join('\n'));
  const given = read.data;
  const missing = missingForClouds(given).map(({ name, message }) => `${name} ${message}.`);
  if (missing.length > 0) throw new StartFailure(missing.join('\n'));
  return {
    data: path.resolve(root, given.HOLDFAST_DATA_DIR),
    databaseUrl: given.DATABASE_URL,
    temporalAddress: given.TEMPORAL_ADDRESS,
    port: given.PORT,
    backend: isInClouds(given) ? 'control-plane' : given.BACKEND,
    listen: given.HOLDFAST_LISTEN?.join(','),
    platformUrl: given.PLATFORM_URL,
    adminToken: given.ADMIN_TOKEN,
    encryptionKey: given.SECRETS_ENCRYPTION_KEY,
    owner: given.HOLDFAST_OWNER,
    orgId: given.MOLECULE_ORG_ID,
    network: given.HOLDFAST_NETWORK,
  };
}

const mistake = ({ path: [name], message }: z.core.$ZodIssue): string =>
  `${String(name)} ${message}: correct it, or leave it out.`;
