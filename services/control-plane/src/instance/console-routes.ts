import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { Refusal } from '../failure/refusal.ts';
import { read } from '../http/read.ts';
import { operatorOf } from '../organisation/caller.ts';
import type { Organisations } from '../organisation/organisations.ts';
import type { Providers } from '../provider/registry.ts';
import type { InstanceRows } from './instance-rows.ts';
import { tail } from './tail.ts';

export interface ConsoleParts {
  readonly organisations: Organisations;
  readonly rows: InstanceRows;
  readonly providers: Providers;
}

/** What platforms read of an answer, less what JSON puts around it. */
const MOST_BYTES = 196_608;
const leftOut = (value: unknown) => (value === '' ? undefined : value);
const Which = z.object({ instance_id: z.preprocess(leftOut, z.string().max(200).optional()) });

/** `/cp/admin/*`: what an operator looks at. */
export function consoleRoutes(server: FastifyInstance, { organisations, rows, providers }: ConsoleParts): void {
  server.get<{ Params: { id: string } }>('/cp/admin/workspaces/:id/console', async (request, reply) => {
    const organisation = operatorOf(organisations, request);
    const { instance_id: instanceId } = read(Which, request.query);
    const row =
      instanceId === undefined
        ? await rows.ofWorkspace(organisation.id, request.params.id)
        : await rows.ofInstance(organisation.id, request.params.id, instanceId, undefined);
    if (!row?.instance_id) throw new Refusal('NOT_FOUND', 'the workspace has no machine');
    const provider = await providers.get(row.provider);
    return reply.send({ output: tail(await provider.console(row.instance_id), MOST_BYTES) });
  });
}
