import { ConfigError, type Environment, readEnvironment } from '@holdfast/activities/config/read-environment';
import { sharedVariables } from '@holdfast/activities/config/shared-variables';
import { type BootEnvironment, withTenantConfig } from '@holdfast/activities/config/tenant-config';
import {
  hostAndPort,
  list,
  orUnset,
  text,
  webAddress,
  wholeNumber,
  yesOrNo,
} from '@holdfast/activities/config/variables';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';

export { ConfigError };

const MINUTE_LIMIT = 600;

const trimmed = text.transform((value) => value.trim());
const isNetwork = (entry: string): boolean => ipaddr.isValid(entry) || ipaddr.isValidCIDR(entry);
const isOrigin = (entry: string): boolean => /^https?:\/\/[^/]+$/.test(entry);

/** Every variable the gateway reads, with what it means. */
export const GatewayEnvironment = z.object({
  ...sharedVariables,
  DATABASE_CONNECTIONS: orUnset(wholeNumber(2, 500).default(20)).describe(
    'Connections to Postgres that one gateway may hold.',
  ),
  PORT: orUnset(wholeNumber(0, 65_535).default(8080)).describe('Port of the API; 0 takes a free one.'),
  HOLDFAST_LISTEN: orUnset(list.default(['127.0.0.1'])).describe('Addresses to listen on, comma-separated.'),
  MOLECULE_ORG_SLUG: orUnset(trimmed.optional()).describe('Tenant name for the check of canvas sessions.'),
  CP_UPSTREAM_URL: orUnset(webAddress.optional()).describe('Control plane that confirms canvas sessions.'),
  MOLECULE_ENV: orUnset(trimmed.default('production')).describe(
    'Label of the environment. With development or dev, agent URLs may be private and loopback addresses.',
  ),
  MOLECULE_ENABLE_TEST_TOKENS: orUnset(yesOrNo.default(false)).describe(
    'Opens the test-token route outside of environments named for development or tests; never in production.',
  ),
  MOLECULE_DEPLOY_MODE: orUnset(trimmed.optional()).describe(
    'saas: agent URLs may be private addresses; self-hosted: they may not. Unset: saas if there is a MOLECULE_ORG_ID.',
  ),
  CORS_ORIGINS: orUnset(
    list
      .pipe(
        z.array(z.string().refine(isOrigin, { error: 'must hold entries like http(s)://host[:port]; "*" is refused' })),
      )
      .default(['http://localhost:3000', 'http://localhost:3001']),
  ).describe('Origins whose pages may call the API, comma-separated.'),
  TRUSTED_PROXIES: orUnset(
    list.pipe(z.array(z.string().refine(isNetwork, { error: 'must hold addresses or CIDR ranges' }))).default([]),
  ).describe('Proxies whose forwarded headers are believed: addresses or CIDR ranges, comma-separated.'),
  // The wire contract: an unusable value means the default, not a refusal to start.
  RATE_LIMIT: orUnset(wholeNumber(1, 1e9).default(MINUTE_LIMIT).catch(MINUTE_LIMIT)).describe(
    'Requests a minute per credential, or per address without one.',
  ),
  METRICS_LISTEN: orUnset(hostAndPort.optional()).describe('address:port of a listener of its own for /metrics.'),
  METRICS_TOKEN: orUnset(text.optional()).describe('Bearer that may read /metrics on the API port.'),
  EXTERNAL_PLATFORM_URL: orUnset(webAddress.optional()).describe(
    'Address of the platform as external agents reach it.',
  ),
  DEFAULT_RUNTIME: orUnset(text.default('langgraph')).describe('Runtime of a workspace that names none.'),
});

export type GatewayConfig = z.output<typeof GatewayEnvironment>;

/** What this process reads: its own environment, and what the control plane of its organisation has to say to it. */
export const bootEnvironment = (): Promise<BootEnvironment> => withTenantConfig(process.env);

/** @throws ConfigError with all mistakes at once; values are never repeated in it */
export const readConfig = (environment: Environment = process.env): GatewayConfig =>
  readEnvironment('gateway', GatewayEnvironment, environment);
