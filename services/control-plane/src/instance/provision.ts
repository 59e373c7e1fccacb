import { randomBytes, randomUUID } from 'node:crypto';
import type { Cipher } from '@holdfast/activities/secret/cipher';
import type { Logger } from 'pino';
import { type Nonces, nonceDigest } from '../boot/nonce.ts';
import { type Images, bootPackage } from '../boot/package.ts';
import { userData } from '../boot/user-data.ts';
import { Refusal } from '../failure/refusal.ts';
import type { Instance, Machine, Provider } from '../provider/port.ts';
import type { Providers } from '../provider/registry.ts';
import type { InstanceRow } from './instance-row.ts';
import { marksOfRow } from './instance-row.ts';
import type { InstanceRows } from './instance-rows.ts';
import type { MachineRequest, ProvisionRequest } from './provision-request.ts';

export interface ProvisionParts {
  readonly rows: InstanceRows;
  readonly providers: Providers;
  readonly cipher: Cipher;
  readonly nonces: Nonces;
  readonly images: Images;
  readonly log: Logger;
  /** Address of this control plane as machines reach it. */
  readonly url: string;
  readonly bootMs: (runtime: string, seconds: number | undefined) => number;
  /** Within which a create that was asked for comes out, or never does. */
  readonly attemptMs: number;
}

const SALT_BYTES = 32;

/**
 * Makes the instance of a box. The row comes first, so that whatever is made can be found again; asked twice, also at the
 * same time or after a crash, it is the same instance.
 */
export async function provision(parts: ProvisionParts, orgId: string, request: ProvisionRequest): Promise<InstanceRow> {
  const provider = await parts.providers.get(request.provider);
  const row = await claim(parts, provider, orgId, request);
  if (row.state === 'running') return row;
  if (row.state !== 'creating') throw new Refusal('BOX_GONE');
  const instance = await run(parts, provider, row).catch(async (error: unknown) => {
    // Nobody was told of this box, so that nobody can ask for it again or end it: whatever comes of it yet is ended.
    if (request.box_id === undefined) await parts.rows.terminating(row, { prune: false });
    throw error;
  });
  const started = await parts.rows.started(row, instance);
  await parts.rows.endAttempt(row);
  if (started && instance.state !== 'terminated') return started;
  await undo(parts, provider, row, instance);
  throw new Refusal('BOX_GONE');
}

/**
 * What a request comes to at a cloud, of which nothing is asked.
 * @throws Refusal UNSUPPORTED naming the part that this cloud cannot give
 */
export const machineOf = (provider: Provider, request: MachineRequest): Machine =>
  provider.machineFor(
    {
      instanceType: request.instance_type,
      diskGib: request.disk_gb,
      dataPersistence: request.data_persistence,
      display: request.display,
    },
    request.tier,
  );

async function claim(
  { rows, cipher, nonces, images, bootMs, attemptMs }: ProvisionParts,
  provider: Provider,
  orgId: string,
  request: ProvisionRequest,
): Promise<InstanceRow> {
  const machine = machineOf(provider, request);
  const boot = JSON.stringify(bootPackage(request, images));
  const requestDigest = cipher.fingerprint(
    JSON.stringify([request.workspace_id, request.provider, request.owner, machine, boot]),
  );
  const nonceSalt = randomBytes(SALT_BYTES);
  const row = await rows.claim(
    {
      orgId,
      boxId: request.box_id ?? randomUUID(),
      workspaceId: request.workspace_id,
      owner: request.owner,
      provider: request.provider,
      runtime: request.runtime,
      tier: request.tier,
      machine,
      requestDigest,
      nonceSalt,
      nonceDigest: nonceDigest(nonces.nonceOf(nonceSalt)),
      environment: cipher.seal(boot),
      bootMs: bootMs(request.runtime, request.boot_timeout_seconds),
    },
    attemptMs,
  );
  if (!row) throw new Refusal('BOX_GONE');
  if (!row.request_digest.equals(requestDigest)) throw new Refusal('BOX_MISMATCH');
  return row;
}

async function run(parts: ProvisionParts, provider: Provider, row: InstanceRow): Promise<Instance> {
  const boot = {
    url: `${parts.url}/cp/boot/${row.box_id}`,
    nonce: parts.nonces.nonceOf(row.nonce_salt),
    diskOf: row.machine.persistent ? provider.name : null,
  };
  try {
    return await provider.run({ marks: marksOfRow(row), machine: row.machine, userData: userData(boot) });
  } catch (error) {
    // What was not answered may have been heard, and come out yet: the attempt counts until its time is over.
    const mayCome = !(error instanceof Refusal) || error.code === 'PROVIDER_UNAVAILABLE';
    if (!mayCome) await parts.rows.endAttempt(row);
    throw error;
  }
}

/** The box was ended while its instance was being made: whoever made it ends it, and the loop sees to it besides. */
async function undo(
  { rows, log }: ProvisionParts,
  provider: Provider,
  row: InstanceRow,
  instance: Instance,
): Promise<void> {
  await rows.terminating(row, { prune: false, instanceId: instance.instanceId });
  try {
    await provider.terminate(instance.instanceId);
  } catch (error) {
    log.warn({ err: error, boxId: row.box_id }, 'an instance that came too late is still to be ended');
  }
}
