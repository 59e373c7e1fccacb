import { BackendError } from '../backend-error.ts';
import type { BoxFile, BoxSpec, CloudSpec } from '../backend.ts';

export interface Requester {
  readonly orgId: string;
  /** Whose boxes these are. */
  readonly owner: string;
  /** How long an agent of a runtime may take to register, in seconds. */
  readonly bootSeconds?: (runtime: string) => number;
}

const MOST_FILE_BYTES = 262_144;
/** What a control plane takes of a configuration: links and anything outside of it have no place there. */
const taken = /^(?:config\.yaml|prompts\/(?:[\w-][\w.-]*\/)*[\w-][\w.-]*)$/;

/** The one request in which the environment of a box leaves the platform. */
export function provisionBody(requester: Requester, spec: BoxSpec, cloud: CloudSpec): object {
  const { nonce } = cloud;
  const files = spec.config.files.filter(({ path }) => taken.test(path));
  return {
    org_id: requester.orgId,
    workspace_id: spec.workspaceId,
    runtime: spec.runtime,
    platform_url: spec.platform.platformUrl,
    env: { ...awareness(spec), ...spec.env, ...(nonce === null ? {} : { HOLDFAST_NONCE: nonce }) },
    ...machineBody(cloud, spec.tier),
    ...(files.length === 0 ? {} : { config_files: encoded(files) }),
    ...(files.length > 0 && spec.config.overwrite ? { overwrite: true } : {}),
    box_id: spec.boxId,
    owner: requester.owner,
    ...(requester.bootSeconds ? { boot_timeout_seconds: requester.bootSeconds(spec.runtime) } : {}),
  };
}

/** What says which machine it is to be. */
export function machineBody({ compute, provider }: Pick<CloudSpec, 'compute' | 'provider'>, tier: number): object {
  const diskGb = compute.volume?.root_gb;
  return {
    tier,
    provider,
    ...(compute.instance_type ? { instance_type: compute.instance_type } : {}),
    ...(diskGb === undefined ? {} : { disk_gb: diskGb }),
    ...(compute.data_persistence ? { data_persistence: compute.data_persistence } : {}),
    ...(compute.display ? { display: compute.display } : {}),
  };
}

const awareness = ({ platform }: BoxSpec): Record<string, string> =>
  platform.awareness
    ? { AWARENESS_NAMESPACE: platform.awareness.namespace, AWARENESS_URL: platform.awareness.url }
    : {};

function encoded(files: readonly BoxFile[]): Record<string, string> {
  const bytes = files.reduce((sum, { content }) => sum + content.byteLength, 0);
  if (bytes > MOST_FILE_BYTES)
    throw new BackendError('refused', `the configuration has ${bytes} bytes, which is more than 256 KiB`);
  return Object.fromEntries(files.map(({ path, content }) => [path, Buffer.from(content).toString('base64')]));
}
