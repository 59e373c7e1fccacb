import { connectToControlPlane } from '../control-plane/control-plane.ts';
import { TenantConfig } from '../control-plane/wire.ts';
import { HOSTED } from './control-plane-variables.ts';
import type { Environment } from './read-environment.ts';

/**
 * What a control plane may decide for a tenant. Never where its rows are, what seals them, whose boxes they are, who its
 * admin is or which control plane it listens to: with any of these it could take the installation over.
 */
const decidable: ReadonlySet<string> = new Set([
  'AWARENESS_URL',
  'CORS_ORIGINS',
  'CP_ADMIN_API_TOKEN',
  'CP_UPSTREAM_URL',
  'DEFAULT_RUNTIME',
  'EVENTS_RETENTION_DAYS',
  'EXTERNAL_PLATFORM_URL',
  'GHCR_TOKEN',
  'GHCR_USER',
  'HOLDFAST_AGENT_IMAGE',
  'IMAGE_AUTO_REFRESH',
  'IMAGE_REGISTRY',
  'MOLECULE_CP_SHARED_SECRET',
  'MOLECULE_ORG_SLUG',
  'PROVISION_SHARED_SECRET',
  'PROVISION_TIMEOUT_SECONDS',
  'RATE_LIMIT',
]);
const MOST_VALUE_BYTES = 4_096;
const ANSWER_MS = 10_000;

export interface BootEnvironment {
  readonly environment: Environment;
  /** What to say of it once there is a log: never a value. */
  readonly applied: readonly string[];
  readonly ignored: readonly string[];
  readonly trouble: string | null;
}

/**
 * The environment of a process as its organisation's control plane completes it: what that names wins. Nobody is asked
 * but the control plane that this installation has been told of, and without an answer it goes on with what it has.
 */
export async function withTenantConfig(own: Environment, timeoutMs = ANSWER_MS): Promise<BootEnvironment> {
  const unchanged = { environment: own, applied: [], ignored: [], trouble: null };
  const { ADMIN_TOKEN: adminToken, MOLECULE_ORG_ID, CP_PROVISION_URL, MOLECULE_CP_URL } = own;
  const orgId = MOLECULE_ORG_ID?.trim();
  const isTold =
    CP_PROVISION_URL || MOLECULE_CP_URL || own['MOLECULE_CP_SHARED_SECRET'] || own['PROVISION_SHARED_SECRET'];
  if (!orgId || !adminToken || !isTold) return unchanged;
  const url = (CP_PROVISION_URL || MOLECULE_CP_URL || HOSTED).replace(/\/+$/, '');
  try {
    const controlPlane = connectToControlPlane({ url, sharedSecret: adminToken, orgId, timeoutMs });
    const answer = await controlPlane.ask({ method: 'GET', path: '/cp/tenants/config' });
    const read = TenantConfig.safeParse(answer.body);
    if (answer.status !== 200) return { ...unchanged, trouble: `it answered ${answer.status}: ${answer.says}` };
    if (!read.success) return { ...unchanged, trouble: 'it answered with something else than a map of texts' };
    return complete(own, read.data);
  } catch (error) {
    return { ...unchanged, trouble: (error as Error).message };
  }
}

function complete(own: Environment, told: Readonly<Record<string, string>>): BootEnvironment {
  const isTaken = ([name, value]: [string, string]): boolean =>
    decidable.has(name) && Buffer.byteLength(value) <= MOST_VALUE_BYTES;
  const taken = Object.entries(told).filter(isTaken);
  const applied = taken.map(([name]) => name).sort();
  const ignored = Object.keys(told)
    .filter((name) => !applied.includes(name))
    .sort();
  return { environment: { ...own, ...Object.fromEntries(taken) }, applied, ignored, trouble: null };
}

interface Log {
  info(facts: object, text: string): void;
  warn(facts: object, text: string): void;
}

/** Tells what became of it, in names. */
export function tellOf({ applied, ignored, trouble }: BootEnvironment, log: Log): void {
  if (trouble !== null) log.warn({ trouble }, 'the configuration of the tenant was not fetched; going on without it');
  if (applied.length > 0) log.info({ applied }, 'the control plane has set variables');
  if (ignored.length > 0)
    log.warn({ ignored }, 'the control plane may not set these variables; they are left as they are');
}
