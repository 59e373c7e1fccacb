import type { FastifyInstance } from 'fastify';
import { callerOf } from '../organisation/caller.ts';
import type { Organisations } from '../organisation/organisations.ts';
import type { Providers } from '../provider/registry.ts';

/** What this control plane can do beyond the contract, and what each of its clouds offers. */
export function capabilityRoutes(
  server: FastifyInstance,
  { organisations, providers }: { organisations: Organisations; providers: Providers },
): void {
  server.get('/cp/capabilities', async (request, reply) => {
    callerOf(organisations, request);
    const offers = await Promise.all(
      providers.names.map(async (name) => [name, (await providers.get(name)).capabilities] as const),
    );
    return reply.send({
      features: ['box_id', 'list_by_owner', 'boot_fetch', 'prune', 'config_files', 'check'],
      providers: Object.fromEntries(offers),
    });
  });
}
