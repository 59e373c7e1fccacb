import type { ShownCredential } from '@holdfast/activities/agent/admission';
import type { FastifyRequest } from 'fastify';
import { bearerOf } from '../auth/bearer.ts';

/** The header by which a box proves itself before it has its token. */
const NONCE_HEADER = 'x-holdfast-nonce';

/** What a request shows for the workspace it names: operators' credentials are not an agent's. */
export function shownBy(request: FastifyRequest, workspaceId: string): ShownCredential {
  const { caller, headers } = request;
  const nonce = headers[NONCE_HEADER];
  return { bearer: bearer(), nonce: typeof nonce === 'string' && nonce !== '' ? nonce : null };

  function bearer(): ShownCredential['bearer'] {
    if (caller.kind === 'workspace' && caller.workspaceId === workspaceId) return { boxId: caller.boxId };
    return bearerOf(headers.authorization) === null ? 'none' : 'foreign';
  }
}
