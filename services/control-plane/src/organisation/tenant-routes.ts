import type { FastifyInstance } from 'fastify';
import { callerByAdminToken } from './caller.ts';
import type { Organisations } from './organisations.ts';

/** What a tenant platform asks about its organisation. */
export function tenantRoutes(server: FastifyInstance, organisations: Organisations): void {
  server.get('/cp/tenants/config', async (request, reply) =>
    reply.send(callerByAdminToken(organisations, request).config),
  );

  // This control plane keeps no people: nobody is known as a member, and a platform that asks lets nobody in by it.
  server.get('/cp/auth/tenant-member', async (_request, reply) => reply.send({ member: false, user_id: '' }));
}
