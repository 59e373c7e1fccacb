import { Inject, Injectable } from '@nestjs/common';
import { listWorkspaceTokens, mintUserToken, revokeWorkspaceToken } from '@holdfast/activities/token/workspace-tokens';
import type { Database } from '@holdfast/prisma';
import type { FastifyRequest } from 'fastify';
import { DATABASE } from '../core/parts.ts';
import { Answer } from '../http/answer.ts';
import { Idempotency } from '../idempotency/idempotency.ts';
import { asTokenId } from './token-id.ts';
import { type TokenMinted, type TokenPage, type TokenRevoked, type TokensView, toTokenView } from './token.dto.ts';

@Injectable()
export class TokenService {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    private readonly once: Idempotency,
  ) {}

  async list(workspaceId: string, page: TokenPage): Promise<TokensView> {
    const lines = await listWorkspaceTokens(this.db, { workspaceId, ...page });
    return { tokens: lines.map(toTokenView), count: lines.length };
  }

  mint(request: FastifyRequest, workspaceId: string): Promise<Answer<TokenMinted>> {
    return this.once.inTransaction(request, async (tx) => {
      const plain = await mintUserToken(tx, workspaceId);
      const message = 'Save this token now — it cannot be retrieved again.';
      return new Answer(201, { auth_token: plain, workspace_id: workspaceId, message });
    });
  }

  revoke(request: FastifyRequest, workspaceId: string, tokenId: string): Promise<Answer<TokenRevoked>> {
    return this.once.inTransaction(request, async (tx) => {
      await revokeWorkspaceToken(tx, workspaceId, asTokenId(tokenId));
      return new Answer(200, { status: 'revoked' });
    });
  }
}
