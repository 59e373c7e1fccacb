import { Inject, Injectable } from '@nestjs/common';
import { Refusal } from '@holdfast/activities/failure/refusal';
import { mintTestToken } from '@holdfast/activities/token/workspace-tokens';
import type { FastifyRequest } from 'fastify';
import { AdminCredential } from '../auth/admin-credential.ts';
import { bearerOf } from '../auth/bearer.ts';
import type { GatewayConfig } from '../config.ts';
import { CONFIG } from '../core/parts.ts';
import type { DryRun, DryRunQuery } from '../dry-run/dry-run.dto.ts';
import { Requests } from '../dry-run/requests.ts';
import { Answer } from '../http/answer.ts';
import { testTokensEnabled } from './test-token-switch.ts';
import type { TestTokenMinted } from './token.dto.ts';

@Injectable()
export class TestTokenService {
  private readonly enabled: boolean;

  constructor(
    @Inject(CONFIG) config: GatewayConfig,
    private readonly admin: AdminCredential,
    private readonly requests: Requests,
  ) {
    this.enabled = testTokensEnabled(config);
  }

  /** The admin token opens it and nothing else, with or without "Bearer": scripts send it either way. */
  async mint(
    request: FastifyRequest,
    workspaceId: string,
    query: DryRunQuery,
  ): Promise<Answer<TestTokenMinted | DryRun>> {
    if (!this.enabled) throw new Refusal('NOT_FOUND', 'not found');
    const { authorization } = request.headers;
    const sent = bearerOf(authorization) ?? authorization ?? '';
    if (!(await this.admin.matches(sent))) throw new Refusal('UNAUTHORIZED', 'admin auth required');
    return this.requests.take<TestTokenMinted>(request, 'create-token', query, async (tx) => {
      const plain = await mintTestToken(tx, workspaceId);
      return {
        answer: new Answer(200, { auth_token: plain, workspace_id: workspaceId }),
        status: 'created',
        targets: [{ workspaceId, operationId: null }],
        change: { purpose: 'user' },
      };
    });
  }
}
