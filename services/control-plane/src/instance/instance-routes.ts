import type { FastifyInstance } from 'fastify';
import { read } from '../http/read.ts';
import { jsonOf } from '../http/server.ts';
import { callerOf } from '../organisation/caller.ts';
import type { Organisations } from '../organisation/organisations.ts';
import { type Asker, rowOf, stateOf, unrecorded } from './find-instance.ts';
import type { InstanceRow } from './instance-row.ts';
import { listInstances } from './list-instances.ts';
import { machineOf, type ProvisionParts, provision } from './provision.ts';
import { MachineRequest, ProvisionRequest } from './provision-request.ts';
import { type Ended, endInstance, type TerminateParts, terminate } from './terminate.ts';
import { readOwner, readWhich, type Which } from './which.ts';

export interface InstanceParts {
  readonly organisations: Organisations;
  readonly provision: ProvisionParts;
  readonly terminate: TerminateParts;
}

interface OfWorkspace {
  Params: { id: string };
}

/** `/cp/workspaces/*`: what a tenant platform does with instances. */
export function instanceRoutes(server: FastifyInstance, parts: InstanceParts): void {
  const { organisations } = parts;

  server.post('/cp/workspaces/provision', async (request, reply) => {
    const { id: orgId } = callerOf(organisations, request);
    const row = await provision(parts.provision, orgId, read(ProvisionRequest, jsonOf(request.body)));
    return reply.code(201).send({
      instance_id: row.instance_id,
      private_ip: row.private_ip,
      state: 'running',
      error: '',
      box_id: row.box_id,
      provider: row.provider,
    });
  });

  server.post('/cp/workspaces/check', async (request, reply) => {
    callerOf(organisations, request);
    const wish = read(MachineRequest, jsonOf(request.body));
    const machine = machineOf(await parts.provision.providers.get(wish.provider), wish);
    return reply.send({
      provider: wish.provider,
      instance_type: machine.instanceType,
      disk_gb: machine.diskGib,
      data_persistence: machine.persistent ? 'persist' : 'ephemeral',
    });
  });

  server.delete<OfWorkspace>('/cp/workspaces/:id', async (request, reply) => {
    const asker = { orgId: callerOf(organisations, request).id, workspaceId: request.params.id };
    const state = await end(parts.terminate, asker, readWhich(request.query));
    return reply.code(state === 'terminated' ? 200 : 202).send({ state });
  });

  server.get<OfWorkspace>('/cp/workspaces/:id/status', async (request, reply) => {
    const asker = { orgId: callerOf(organisations, request).id, workspaceId: request.params.id };
    return reply.send({ state: await stateOf(parts.terminate, asker, readWhich(request.query)) });
  });

  server.get('/cp/workspaces', async (request, reply) => {
    const { id: orgId } = callerOf(organisations, request);
    return reply.send(await listInstances(parts.terminate, orgId, readOwner(request.query)));
  });
}

async function end(parts: TerminateParts, asker: Asker, which: Which): Promise<Ended> {
  const row = (await rowOf(parts, asker, which)) ?? (await neverToBe(parts, asker, which));
  if (row) return await terminate(parts, row, { prune: which.prune });
  const found = await unrecorded(parts, asker, which);
  if (!found) return 'terminated';
  const look = () => found.provider.describe(found.instance.instanceId);
  const ended = await endInstance(found.provider, look, parts.waitMs, parts.lookMs);
  return ended === 'ending' ? 'terminating' : 'terminated';
}

/**
 * A box that was never asked for may be yet, by a request that comes late: whoever ends it keeps it from being made.
 * Returns its row if it was asked for meanwhile.
 */
async function neverToBe(parts: TerminateParts, asker: Asker, which: Which): Promise<InstanceRow | null> {
  if (which.box_id === undefined) return null;
  await parts.rows.neverMake(asker.orgId, which.box_id);
  return await rowOf(parts, asker, which);
}
