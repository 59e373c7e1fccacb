import { Inject, Injectable } from '@nestjs/common';
import { Refusal } from '@holdfast/activities/failure/refusal';
import { mintTestToken } from '@holdfast/activities/token/workspace-tokens';
import type { FastifyRequest } from 'fastify';
import { AdminCredential } from '../auth/admin-credential.ts';
import { bearerOf } from '../auth/bearer.ts';
import type { GatewayConfig } from '../config.ts';
import { CONFIG } from '../core/parts.ts';
import { Answer } from '../http/answer.ts';
import { Idempotency } from '../idempotency/idempotency.ts';
import { testTokensEnabled } from './test-token-switch.ts';
import type { TestTokenMinted } from './token.dto.ts';

@Injectable()
export class TestTokenService {
  private readonly enabled: boolean;

  constructor(
    @Inject(CONFIG) config: GatewayConfig,
    private readonly admin: AdminCredential,
    private readonly once: Idempotency,
  ) {
    this.enabled = testTokensEnabled(config);
  }

  /** The admin token opens it and nothing else, with or without "Bearer": scripts send it either way. */
  async mint(request: FastifyRequest, workspaceId: string): Promise<Answer<TestTokenMinted>> {
    if (!this.enabled) throw new Refusal('NOT_FOUND', 'not found');
    const { authorization } = request.headers;
    const sent = bearerOf(authorization) ?? authorization ?? '';
    if (!(await this.admin.matches(sent))) throw new Refusal('UNAUTHORIZED', 'admin auth required');
    return this.once.inTransaction(request, async (tx) => {
      const plain = await mintTestToken(tx, workspaceId);
      return new Answer(200, { auth_token: plain, workspace_id: workspaceId });
    });
  }
}
