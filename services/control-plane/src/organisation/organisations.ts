import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from '../config.ts';

const secret = z.string().min(16, 'must have at least 16 characters');
const LONGEST_VALUE = 4_096;

const OrganisationEntry = z.strictObject({
  /** What its tenant platform calls MOLECULE_ORG_ID. */
  id: z.string().min(1).max(200),
  /** The bearer of its calls; several while one replaces the other. */
  secrets: z.array(secret).min(1),
  /** Bearers that are good for /cp/admin/* alone. */
  admin_secrets: z.array(secret).default([]),
  /** What its platform knows as ADMIN_TOKEN. */
  admin_token: secret,
  /** Where its platform is told of machines that crashed while they booted. */
  platform_url: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, '')),
  /** What its platform reads when it boots. */
  config: z.record(z.string(), z.string().max(LONGEST_VALUE)).default({}),
});

/** One tenant of the control plane. */
export interface Organisation {
  readonly id: string;
  readonly adminToken: string;
  readonly platformUrl: string;
  readonly config: Readonly<Record<string, string>>;
}

/** Who calls. Credentials are compared as digests, every one of them each time: the time it takes tells nothing. */
export interface Organisations {
  bySecret(presented: string): Organisation | null;
  /** For what operators look at: by a secret of either kind. */
  byAdminSecret(presented: string): Organisation | null;
  byAdminToken(presented: string): Organisation | null;
  byId(id: string): Organisation | null;
}

/**
 * Reads the file that lists the organisations.
 * @throws ConfigError that names the entry and the mistake, never a credential
 */
export function readOrganisations(file: string): Organisations {
  const wrong = (mistake: string) => new ConfigError('control plane', [`CONTROL_PLANE_ORGANISATIONS ${mistake}`]);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const isJson = error instanceof SyntaxError;
    throw wrong(isJson ? 'must name a file that is JSON' : 'must name a file that can be read');
  }
  const read = z.array(OrganisationEntry).min(1).safeParse(content);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw wrong(`has a mistake in its file at /${issue?.path.join('/')}: ${issue?.message}`);
  }
  const credentials = read.data.flatMap(({ secrets, admin_secrets, admin_token }) => [
    ...secrets,
    ...admin_secrets,
    admin_token,
  ]);
  if (new Set(credentials).size < credentials.length)
    throw wrong('must give every organisation credentials of its own');
  if (new Set(read.data.map(({ id }) => id)).size < read.data.length) throw wrong('must list every organisation once');
  return organisationsOf(read.data);
}

function organisationsOf(entries: readonly z.output<typeof OrganisationEntry>[]): Organisations {
  const known = entries.map(
    ({ id, secrets, admin_secrets: adminSecrets, admin_token: adminToken, platform_url: platformUrl, config }) => ({
      organisation: { id, adminToken, platformUrl, config },
      secrets: secrets.map(digest),
      adminSecrets: [...secrets, ...adminSecrets].map(digest),
      adminToken: [digest(adminToken)],
    }),
  );
  const find = (presented: string, kind: 'secrets' | 'adminSecrets' | 'adminToken'): Organisation | null => {
    const shown = digest(presented);
    const matches = known.filter((entry) => entry[kind].filter((one) => timingSafeEqual(one, shown)).length > 0);
    return matches[0]?.organisation ?? null;
  };
  return {
    bySecret: (presented) => find(presented, 'secrets'),
    byAdminSecret: (presented) => find(presented, 'adminSecrets'),
    byAdminToken: (presented) => find(presented, 'adminToken'),
    byId: (id) => known.find(({ organisation }) => organisation.id === id)?.organisation ?? null,
  };
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whether two secrets are the same, told in a time that says nothing about them. */
export const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));
