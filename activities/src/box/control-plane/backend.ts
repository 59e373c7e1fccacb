import type { ControlPlane, ControlPlaneAnswer } from '../../control-plane/control-plane.ts';
import {
  Console,
  CONSOLE_BYTES,
  Ended,
  InstanceList,
  InstanceStatus,
  LIST_BYTES,
  type ListedInstance,
  Provisioned,
} from '../../control-plane/wire.ts';
import { BackendError } from '../backend-error.ts';
import type { BoxBackend, BoxRef, BoxSpec, CloudSpec, SeenBox, StartedBox, StopResult } from '../backend.ts';
import { AGENT_PORT } from '../names.ts';
import { featuresOf } from './features.ts';
import { asking, codeOf, isSuccess, problemOf } from './problem.ts';
import { machineBody, provisionBody, type Requester } from './provision-body.ts';

export interface ControlPlaneBackendSettings extends Requester {
  readonly controlPlane: ControlPlane;
}

/** States in which a machine works or is about to. Of every other one it is certain that it does not. */
const upStates: readonly string[] = ['running', 'pending'];

/**
 * Boxes as instances of clouds, behind a control plane that has the clouds' credentials. It finds them by our box id. One
 * that knows no box ids works as well: then an instance is known by its own id alone, a create whose answer was lost is
 * not repeated, and nothing is concluded from what is not heard of.
 */
export function controlPlaneBackend(settings: ControlPlaneBackendSettings): BoxBackend {
  const { controlPlane, owner } = settings;
  const features = featuresOf(controlPlane);

  const list = async (): Promise<InstanceList> => {
    if (!(await features()).listByOwner)
      throw new BackendError('unverifiable', 'control plane: it lists no boxes by owner');
    const request = { method: 'GET', path: '/cp/workspaces', query: { owner }, mostBytes: LIST_BYTES } as const;
    const answer = await asking(controlPlane, request);
    const read = InstanceList.safeParse(answer.body);
    if (answer.status !== 200 || !read.success) throw problemOf('list', answer, 'failed');
    return read.data;
  };

  /** @throws BackendError failed when its cloud does not answer: then it may be there as well as not */
  const find = async ({ boxId }: BoxSpec, { provider }: CloudSpec): Promise<StartedBox | null> => {
    const { instances, unreachable } = await list();
    const found = instances.find((one) => one.box_id === boxId && upStates.includes(one.state));
    if (found?.instance_id) return startedOf(found.instance_id, found.private_ip);
    if (unreachable.includes(provider)) throw new BackendError('failed', `control plane: ${provider} does not answer`);
    return null;
  };

  const provision = async (spec: BoxSpec, cloud: CloudSpec, signal: AbortSignal): Promise<StartedBox> => {
    const { boxId: findsAgain } = await features();
    if (!findsAgain && cloud.isUnanswered)
      throw new BackendError('unverifiable', 'control plane: a create was not answered, and cannot be repeated');
    signal.throwIfAborted();
    const answer = await asking(controlPlane, {
      method: 'POST',
      path: '/cp/workspaces/provision',
      body: provisionBody(settings, spec, cloud),
      // What cannot be found again is waited for: its answer is the only pointer to it.
      signal: findsAgain ? signal : undefined,
    });
    if (answer.status === 201) return heard(answer);
    const known = codeOf(answer) === 'BOX_MISMATCH' ? await find(spec, cloud) : null;
    if (known) return known;
    throw problemOf('provision', answer, 'unreachable');
  };

  /** True when there is something of the box that a delete would end. */
  const isThere = async (ref: BoxRef): Promise<boolean> => {
    const answer = await asking(controlPlane, { method: 'GET', path: `${pathOf(ref)}/status`, query: which(ref) });
    const read = InstanceStatus.safeParse(answer.body);
    if (!isSuccess(answer) || !read.success) throw problemOf('status', answer, 'failed');
    return read.data.state !== 'terminated';
  };

  const end = async (ref: BoxRef, options: { prune?: boolean } = {}): Promise<void> => {
    const query = { ...which(ref), ...(options.prune ? { prune: 'true' } : {}) };
    const answer = await asking(controlPlane, { method: 'DELETE', path: pathOf(ref), query });
    if (!isSuccess(answer)) throw problemOf('delete', answer, 'failed');
    const { state } = Ended.safeParse(answer.body).data ?? {};
    // Whatever an older one says with its success, it is one. And what it still saw ending may be over by now.
    const isEnding = answer.status === 202 && state === 'terminating';
    if (isEnding && (options.prune || (await isThere(ref))))
      throw new BackendError('ending', `control plane: instance of box ${ref.boxId} is ${state}`);
  };

  const stop = async (ref: BoxRef): Promise<StopResult> => {
    const { boxId: findsAgain } = await features();
    if (!findsAgain && ref.externalId === null) return 'absent';
    // That nothing is there says little while its id was never heard: its create may still be on the way.
    const mayCome = ref.externalId === null && !(await isThere(ref));
    await end(ref);
    return mayCome ? 'absent' : 'stopped';
  };

  return {
    kind: 'control-plane',
    async ping() {
      await features({ fresh: true });
    },
    async start(spec, signal) {
      signal.throwIfAborted();
      const { cloud } = spec;
      if (!cloud) throw new BackendError('refused', 'control plane: it is not said which cloud the box is for');
      if (spec.credentials) return provision(spec, cloud, signal);
      const known = await find(spec, cloud);
      if (!known) throw new BackendError('credentialsGone', `control plane: box ${spec.boxId} is not there any more`);
      return known;
    },
    async check(cloud, tier) {
      if (!(await features()).check) return;
      const body = machineBody(cloud, tier);
      const answer = await asking(controlPlane, { method: 'POST', path: '/cp/workspaces/check', body });
      if (!isSuccess(answer)) throw problemOf('check', answer, 'failed');
    },
    stop,
    async isRunning(ref) {
      try {
        if (ref.externalId === null && !(await features()).boxId) return { running: false };
        const answer = await asking(controlPlane, { method: 'GET', path: `${pathOf(ref)}/status`, query: which(ref) });
        const read = InstanceStatus.safeParse(answer.body);
        if (!isSuccess(answer) || !read.success) throw problemOf('status', answer, 'failed');
        return { running: upStates.includes(read.data.state) };
      } catch (error) {
        return { running: true, cannotTell: error as Error };
      }
    },
    async console(ref) {
      const answer = await asking(controlPlane, {
        method: 'GET',
        path: `/cp/admin/workspaces/${encodeURIComponent(ref.workspaceId)}/console`,
        query: { instance_id: ref.externalId },
        mostBytes: CONSOLE_BYTES,
      });
      if (answer.status === 404) return '';
      const read = Console.safeParse(answer.body);
      if (answer.status !== 200 || !read.success) throw problemOf('console', answer, 'failed');
      return read.data.output;
    },
    list: async () => (await list()).instances.map(seenOf),
    // It is on a disk that nobody here can look at: what is there stays, and what is missing is sent along.
    hasConfig: () => Promise.resolve(true),
    listVolumes: () => Promise.resolve([]),
    async removeVolumes(_workspaceId, { purge, boxes = [] }) {
      if (!purge) return;
      for (const box of boxes) await end(box, { prune: true });
    },
    endInstance: ({ workspaceId, instanceId, provider }) =>
      end({ boxId: '', workspaceId, externalId: instanceId, provider }),
  };
}

const pathOf = ({ workspaceId }: BoxRef): string => `/cp/workspaces/${encodeURIComponent(workspaceId)}`;

/** By everything that is known of it: the row of the ledger says the cloud, never that of the workspace. */
const which = ({ boxId, externalId, provider }: BoxRef) => ({ instance_id: externalId, box_id: boxId, provider });

function heard(answer: ControlPlaneAnswer): StartedBox {
  const read = Provisioned.safeParse(answer.body);
  // There is a machine whose name nobody told us.
  if (!read.success) throw problemOf('provision', answer, 'unreachable');
  return startedOf(read.data.instance_id, read.data.private_ip);
}

const startedOf = (instanceId: string, privateIp: string | null | undefined): StartedBox => ({
  externalId: instanceId,
  url: privateIp ? `http://${privateIp.includes(':') ? `[${privateIp}]` : privateIp}:${AGENT_PORT}` : '',
  internalUrl: null,
});

const seenOf = (one: ListedInstance): SeenBox => ({
  boxId: one.box_id,
  workspaceId: one.workspace_id,
  externalId: one.instance_id ?? null,
  provider: one.provider,
  running: upStates.includes(one.state),
  born: new Date(one.created_at),
});
