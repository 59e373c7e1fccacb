import { Inject, Injectable } from '@nestjs/common';
import { listWorkspaceTokens, mintUserToken, revokeWorkspaceToken } from '@holdfast/activities/token/workspace-tokens';
import type { Database } from '@holdfast/prisma';
import type { FastifyRequest } from 'fastify';
import { DATABASE } from '../core/parts.ts';
import type { DryRun, DryRunQuery } from '../dry-run/dry-run.dto.ts';
import { Requests } from '../dry-run/requests.ts';
import { Answer } from '../http/answer.ts';
import { asTokenId } from './token-id.ts';
import { type TokenMinted, type TokenPage, type TokenRevoked, type TokensView, toTokenView } from './token.dto.ts';

@Injectable()
export class TokenService {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    private readonly requests: Requests,
  ) {}

  async list(workspaceId: string, page: TokenPage): Promise<TokensView> {
    const lines = await listWorkspaceTokens(this.db, { workspaceId, ...page });
    return { tokens: lines.map(toTokenView), count: lines.length };
  }

  mint(request: FastifyRequest, workspaceId: string, query: DryRunQuery): Promise<Answer<TokenMinted | DryRun>> {
    return this.requests.take<TokenMinted>(request, 'create-token', query, async (tx) => {
      const plain = await mintUserToken(tx, workspaceId);
      const message = 'Save this token now — it cannot be retrieved again.';
      return {
        answer: new Answer(201, { auth_token: plain, workspace_id: workspaceId, message }),
        status: 'created',
        targets: [{ workspaceId, operationId: null }],
        change: { purpose: 'user' },
      };
    });
  }

  revoke(
    request: FastifyRequest,
    workspaceId: string,
    tokenId: string,
    query: DryRunQuery,
  ): Promise<Answer<TokenRevoked | DryRun>> {
    return this.requests.take<TokenRevoked>(request, 'revoke-token', query, async (tx) => {
      const id = asTokenId(tokenId);
      await revokeWorkspaceToken(tx, workspaceId, id);
      const status = 'revoked';
      return {
        answer: new Answer(200, { status }),
        status,
        targets: [{ workspaceId, operationId: null }],
        change: { token_id: id },
      };
    });
  }
}
