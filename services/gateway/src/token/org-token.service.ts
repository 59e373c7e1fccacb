import { Inject, Injectable } from '@nestjs/common';
import { Refusal } from '@holdfast/activities/failure/refusal';
import { listOrgTokens, mintOrgToken, revokeOrgToken } from '@holdfast/activities/token/org-tokens';
import type { Database } from '@holdfast/prisma';
import type { FastifyRequest } from 'fastify';
import { type Caller, actorOf } from '../auth/caller.ts';
import { DATABASE } from '../core/parts.ts';
import type { DryRun, DryRunQuery } from '../dry-run/dry-run.dto.ts';
import { Requests } from '../dry-run/requests.ts';
import { Answer } from '../http/answer.ts';
import {
  type MintOrgToken,
  type OrgTokenMinted,
  type OrgTokenRevoked,
  type OrgTokensView,
  toOrgTokenView,
} from './org-token.dto.ts';
import { asTokenId } from './token-id.ts';

@Injectable()
export class OrgTokenService {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    private readonly requests: Requests,
  ) {}

  async list(): Promise<OrgTokensView> {
    const lines = await listOrgTokens(this.db);
    return { tokens: lines.map(toOrgTokenView), count: lines.length };
  }

  mint(request: FastifyRequest, wanted: MintOrgToken, query: DryRunQuery): Promise<Answer<OrgTokenMinted | DryRun>> {
    return this.requests.take<OrgTokenMinted>(request, 'create-token', query, async (tx) => {
      const { line, plain } = await mintOrgToken(tx, {
        name: wanted.name,
        orgId: orgOf(request.caller, wanted.org_id ?? null),
        createdBy: actorOf(request.caller),
        expiresAt: typeof wanted.expires_at === 'string' ? new Date(wanted.expires_at) : wanted.expires_at,
      });
      const { id, prefix, name, org_id, expires_at } = toOrgTokenView(line);
      const answer = new Answer(200, {
        id,
        prefix,
        ...(name ? { name } : {}),
        ...(expires_at ? { expires_at } : {}),
        auth_token: plain,
        warning: 'copy this token now; it will not be shown again',
      });
      // Without id and prefix: those are of a token that is never made.
      const change = { name: name ?? null, org_id: org_id ?? null, expires_at: expires_at ?? null };
      return { answer, status: 'created', targets: [], change };
    });
  }

  revoke(request: FastifyRequest, tokenId: string, query: DryRunQuery): Promise<Answer<OrgTokenRevoked | DryRun>> {
    return this.requests.take<OrgTokenRevoked>(request, 'revoke-token', query, async (tx) => {
      const id = asTokenId(tokenId);
      await revokeOrgToken(tx, id);
      return { answer: new Answer(200, { revoked: id }), status: 'revoked', targets: [], change: { token_id: id } };
    });
  }
}

/** A token that is bound to an org makes tokens of that org only. */
function orgOf(caller: Caller, wanted: string | null): string | null {
  if (caller.kind !== 'org') return wanted;
  if (wanted !== null && wanted !== caller.orgId) throw new Refusal('FORBIDDEN', 'org access denied');
  return caller.orgId;
}
