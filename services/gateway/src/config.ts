import { parseKey } from '@holdfast/activities/secret/cipher';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';

const MINUTE_LIMIT = 600;

/** An empty variable means the same as none: compose files and shells make no difference. */
const orUnset = <T extends z.ZodType>(schema: T) => z.preprocess((value) => (value === '' ? undefined : value), schema);
const whole = (least: number, most: number) =>
  z.string().regex(/^\d+$/, 'must be a whole number').transform(Number).pipe(z.number().min(least).max(most));
const list = z
  .string()
  .transform((text) => text.split(',').map((entry) => entry.trim()).filter((entry) => entry !== ''));
const trimmed = z.string().transform((text) => text.trim());
const webAddress = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).transform((url) => url.replace(/\/+$/, ''));

const isKey = (text: string): boolean => {
  try {
    parseKey(text);
    return true;
  } catch {
    return false;
  }
};
const isNetwork = (text: string): boolean => ipaddr.isValid(text) || ipaddr.isValidCIDR(text);
const isOrigin = (text: string): boolean => /^https?:\/\/[^/]+$/.test(text);

/** Every variable the gateway reads, with what it means. */
export const GatewayEnvironment = z.object({
  DATABASE_URL: orUnset(z.url({ protocol: /^postgres(ql)?$/, error: 'must be set to a postgresql:// URL' })).describe(
    'Postgres of the installation.',
  ),
  DATABASE_CONNECTIONS: orUnset(whole(2, 500).default(20)).describe('Connections this process may hold.'),
  SECRETS_ENCRYPTION_KEY: orUnset(
    z.string({ error: 'must be set; make one with "openssl rand -base64 32"' }).refine(isKey, {
      error: 'must be base64 of 32 bytes; make one with "openssl rand -base64 32"',
    }),
  ).describe('Key that seals secrets: base64 of 32 bytes. The same for every gateway and worker.'),
  TEMPORAL_ADDRESS: orUnset(z.string().default('127.0.0.1:7233')).describe('host:port of the Temporal server.'),
  PORT: orUnset(whole(0, 65_535).default(8080)).describe('Port of the API.'),
  HOLDFAST_LISTEN: orUnset(list.default(['127.0.0.1'])).describe('Addresses to listen on, comma-separated.'),
  ADMIN_TOKEN: orUnset(z.string().min(1).optional()).describe(
    'Admin credential. Without one the first boot makes one, prints it once and keeps its hash.',
  ),
  MOLECULE_ORG_ID: orUnset(trimmed.optional()).describe('Tenant id: requests must carry it, and rows belong to it.'),
  MOLECULE_ORG_SLUG: orUnset(trimmed.optional()).describe('Tenant name for the check of canvas sessions.'),
  CP_UPSTREAM_URL: orUnset(webAddress.optional()).describe('Control plane that confirms canvas sessions.'),
  MOLECULE_ENV: orUnset(trimmed.default('production')).describe('production, development or another label.'),
  MOLECULE_ENABLE_TEST_TOKENS: orUnset(z.stringbool({ error: 'must be 1 or 0' }).default(false)).describe(
    'Opens the test-token route outside of environments named for development or tests; never in production.',
  ),
  MOLECULE_DEPLOY_MODE: orUnset(trimmed.optional()).describe('saas or self-hosted; wins over MOLECULE_ORG_ID.'),
  CORS_ORIGINS: orUnset(
    list
      .pipe(z.array(z.string().refine(isOrigin, { error: 'every entry must be http(s)://host[:port]; "*" is refused' })))
      .default(['http://localhost:3000', 'http://localhost:3001']),
  ).describe('Origins whose pages may call the API, comma-separated.'),
  TRUSTED_PROXIES: orUnset(
    list.pipe(z.array(z.string().refine(isNetwork, { error: 'every entry must be an address or a CIDR range' }))).default([]),
  ).describe('Proxies whose forwarded headers are believed: addresses or CIDR ranges, comma-separated.'),
  // The wire contract: an unusable value means the default, not a refusal to start.
  RATE_LIMIT: orUnset(whole(1, 1e9).default(MINUTE_LIMIT).catch(MINUTE_LIMIT)).describe(
    'Requests a minute per credential, or per address without one.',
  ),
  METRICS_LISTEN: orUnset(z.string().regex(/^.+:\d+$/, 'must be address:port').optional()).describe(
    'address:port of a listener of its own for /metrics.',
  ),
  METRICS_TOKEN: orUnset(z.string().optional()).describe('Bearer that may read /metrics on the API port.'),
  EXTERNAL_PLATFORM_URL: orUnset(webAddress.optional()).describe('Address of the platform as external agents reach it.'),
  CONFIGS_DIR: orUnset(z.string().optional()).describe('Folder of the workspace templates.'),
  DEFAULT_RUNTIME: orUnset(z.string().default('langgraph')).describe('Runtime of a workspace that names none.'),
  LOG_LEVEL: orUnset(z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info')).describe('Least level that is logged.'),
});

export type GatewayConfig = z.output<typeof GatewayEnvironment>;

/** The environment is not what the gateway needs; `message` lists every mistake. */
export class ConfigError extends Error {
  constructor(mistakes: readonly string[]) {
    super(`The gateway cannot start:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/** @throws ConfigError with all mistakes at once; values are never repeated in it */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): GatewayConfig {
  const read = GatewayEnvironment.safeParse(environment);
  if (read.success) return read.data;
  throw new ConfigError(read.error.issues.map((issue) => `${String(issue.path[0])} ${issue.message}`));
}
