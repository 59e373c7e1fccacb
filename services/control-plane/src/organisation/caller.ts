import type { FastifyRequest } from 'fastify';
import { Refusal } from '../failure/refusal.ts';
import { type Organisation, type Organisations, isSame } from './organisations.ts';

/** The request names an organisation that is not its credential's: answered as if there were nothing at all. */
export class WrongTenant extends Error {
  override name = 'WrongTenant';
}

/**
 * The organisation whose shared secret the request carries. Whatever the body calls itself does not count.
 * @throws Refusal UNAUTHORIZED
 * @throws WrongTenant
 */
export function callerOf(organisations: Organisations, request: FastifyRequest): Organisation {
  return proven(organisations.bySecret(bearerOf(request)), request);
}

/** The same for what operators look at, which has secrets of its own besides. */
export function operatorOf(organisations: Organisations, request: FastifyRequest): Organisation {
  return proven(organisations.byAdminSecret(bearerOf(request)), request);
}

function proven(organisation: Organisation | null, request: FastifyRequest): Organisation {
  const adminToken = headerOf(request, 'x-molecule-admin-token');
  if (!organisation || (adminToken !== '' && !isSame(adminToken, organisation.adminToken)))
    throw new Refusal('UNAUTHORIZED');
  return sameTenant(organisation, request);
}

/** The same for the routes that a platform calls before it knows its shared secret. */
export function callerByAdminToken(organisations: Organisations, request: FastifyRequest): Organisation {
  const organisation = organisations.byAdminToken(bearerOf(request));
  if (!organisation) throw new Refusal('UNAUTHORIZED');
  return sameTenant(organisation, request);
}

function sameTenant(organisation: Organisation, request: FastifyRequest): Organisation {
  const named = headerOf(request, 'x-molecule-org-id');
  if (named !== '' && named !== organisation.id) throw new WrongTenant();
  return organisation;
}

const bearerOf = (request: FastifyRequest): string =>
  /^Bearer +(?<token>\S+)$/i.exec(headerOf(request, 'authorization'))?.groups?.['token'] ?? '';

export function headerOf(request: FastifyRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value.trim() : '';
}
