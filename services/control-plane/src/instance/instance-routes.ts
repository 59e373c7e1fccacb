import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { Refusal } from '../failure/refusal.ts';
import { jsonOf } from '../http/server.ts';
import { read } from '../http/read.ts';
import { callerOf } from '../organisation/caller.ts';
import type { Organisation, Organisations } from '../organisation/organisations.ts';
import { labelValue } from '../provider/marks.ts';
import { type Instance, isLive, type ProviderName, providerNames } from '../provider/port.ts';
import type { InstanceRow } from './instance-row.ts';
import { type ProvisionParts, provision } from './provision.ts';
import { ProvisionRequest } from './provision-request.ts';
import { endInstance, type TerminateParts, terminate } from './terminate.ts';

export interface InstanceParts {
  readonly organisations: Organisations;
  readonly provision: ProvisionParts;
  readonly terminate: TerminateParts;
}

const leftOut = (value: unknown) => (value === '' ? undefined : value);
const Which = z.object({
  instance_id: z.preprocess(leftOut, z.string().max(200).optional()),
  box_id: z.preprocess(
    leftOut,
    z
      .guid('must be a UUID')
      .transform((id) => id.toLowerCase())
      .optional(),
  ),
  provider: z.preprocess(leftOut, z.enum(providerNames).optional()),
  prune: z.stringbool('must be true or false').default(false),
});
type Which = z.output<typeof Which>;
const Owner = z.object({ owner: z.preprocess(leftOut, z.string().max(200).optional()) });

/** `/cp/workspaces/*`: what a tenant platform does with instances. */
export function instanceRoutes(server: FastifyInstance, parts: InstanceParts): void {
  const { rows, providers } = parts.provision;

  server.post('/cp/workspaces/provision', async (request, reply) => {
    const organisation = callerOf(parts.organisations, request);
    const row = await provision(parts.provision, organisation.id, read(ProvisionRequest, jsonOf(request.body)));
    return reply.code(201).send({
      instance_id: row.instance_id,
      private_ip: row.private_ip,
      state: 'running',
      error: '',
      box_id: row.box_id,
      provider: row.provider,
    });
  });

  server.delete<{ Params: { id: string } }>('/cp/workspaces/:id', async (request, reply) => {
    const organisation = callerOf(parts.organisations, request);
    const which = named(read(Which, request.query));
    const row = await rowOf(organisation, request.params.id, which);
    if (row) {
      const state = await terminate(parts.terminate, row, { prune: which.prune });
      return reply.code(state === 'terminated' ? 200 : 202).send({ state });
    }
    const instance = await unrecorded(organisation, request.params.id, which);
    if (!isLive(instance)) return reply.send({ state: 'terminated' });
    const provider = await providers.get(providerOf(which));
    const look = () => provider.describe(instance.instanceId);
    const isGone = await endInstance(provider, look, parts.terminate.waitMs, parts.terminate.lookMs);
    return reply.code(isGone ? 200 : 202).send({ state: isGone ? 'terminated' : 'terminating' });
  });

  server.get<{ Params: { id: string } }>('/cp/workspaces/:id/status', async (request, reply) => {
    const organisation = callerOf(parts.organisations, request);
    const which = named(read(Which, request.query));
    const row = await rowOf(organisation, request.params.id, which);
    return reply.send({ state: await stateOf(row, () => unrecorded(organisation, request.params.id, which)) });
  });

  server.get('/cp/workspaces', async (request, reply) => {
    const organisation = callerOf(parts.organisations, request);
    const { owner } = read(Owner, request.query);
    return reply.send(await listed(organisation, owner));
  });

  /** The row that a caller means, among its own organisation's only. */
  async function rowOf(organisation: Organisation, workspaceId: string, which: Which): Promise<InstanceRow | null> {
    const { instance_id: instanceId, box_id: boxId, provider } = which;
    if (boxId === undefined) {
      return instanceId === undefined
        ? null
        : await rows.ofInstance(organisation.id, workspaceId, instanceId, provider);
    }
    const row = await rows.ofBox(organisation.id, boxId);
    return row?.workspace_id === workspaceId ? row : null;
  }

  /** An instance whose row was lost: its marks say whose it is. */
  async function unrecorded(organisation: Organisation, workspaceId: string, which: Which): Promise<Instance | null> {
    const provider = await providers.get(providerOf(which));
    const found =
      which.instance_id === undefined
        ? await provider.find({ orgId: organisation.id, boxId: which.box_id ?? '' })
        : await provider.describe(which.instance_id);
    const isTheirs =
      found?.marks.orgId === labelValue(organisation.id) && found.marks.workspaceId === labelValue(workspaceId);
    return isTheirs ? found : null;
  }

  async function stateOf(row: InstanceRow | null, elsewhere: () => Promise<Instance | null>): Promise<string> {
    if (!row) return (await elsewhere())?.state ?? 'terminated';
    if (row.state === 'gone') return 'terminated';
    const provider = await providers.get(row.provider);
    const found =
      row.instance_id === null
        ? await provider.find({ orgId: row.org_id, boxId: row.box_id })
        : await provider.describe(row.instance_id);
    if (found) return found.state;
    return row.in_flight ? 'pending' : 'terminated';
  }

  /** What there is and what there may be: the clouds' own lists, and rows that no cloud shows yet. */
  async function listed(organisation: Organisation, owner: string | undefined) {
    const recorded = await rows.ofOwner(organisation.id, owner);
    const seen = await Promise.all(
      providers.names.map(async (name) => {
        try {
          const provider = await providers.get(name);
          const instances = await provider.list(owner);
          return { name, instances: instances.filter(({ marks }) => marks.orgId === labelValue(organisation.id)) };
        } catch {
          return { name, instances: null };
        }
      }),
    );
    const found = seen.flatMap(({ name, instances }) => (instances ?? []).map((one) => lineOf(name, one)));
    const boxes = new Set(found.map(({ box_id: boxId }) => boxId));
    const unseen = recorded.filter(({ box_id: boxId, in_flight: mayCome }) => mayCome && !boxes.has(boxId));
    return {
      instances: [...found, ...unseen.map(unseenLine)],
      unreachable: seen.filter(({ instances }) => instances === null).map(({ name }) => name),
    };
  }
}

const lineOf = (provider: ProviderName, { instanceId, state, privateIp, marks, born }: Instance) => ({
  instance_id: instanceId as string | null,
  box_id: marks.boxId,
  workspace_id: marks.workspaceId,
  provider,
  state: state as string,
  private_ip: privateIp,
  created_at: born.toISOString(),
});

const unseenLine = (row: InstanceRow): ReturnType<typeof lineOf> => ({
  instance_id: row.instance_id,
  box_id: row.box_id,
  workspace_id: row.workspace_id,
  provider: row.provider,
  state: 'pending',
  private_ip: row.private_ip,
  created_at: row.created_at.toISOString(),
});

const providerOf = (which: Which): ProviderName => which.provider ?? 'aws';

function named(which: Which): Which {
  if (which.instance_id !== undefined || which.box_id !== undefined) return which;
  throw new Refusal('INVALID_REQUEST', 'instance_id or box_id is required');
}
