import { Inject, Injectable } from '@nestjs/common';
import { Refusal } from '@holdfast/activities/failure/refusal';
import { requestHibernate } from '@holdfast/activities/workspace/request-hibernate';
import type { Database } from '@holdfast/prisma';
import type { FastifyRequest } from 'fastify';
import { actorOf } from '../auth/caller.ts';
import { DATABASE, type GatewaySettings, SETTINGS } from '../core/parts.ts';
import type { DryRun } from '../dry-run/dry-run.dto.ts';
import { Requests } from '../dry-run/requests.ts';
import { Answer } from '../http/answer.ts';
import { AnswerOf } from '../idempotency/answer-of.ts';
import { OperationWatcher } from '../operation/operation-watcher.ts';
import type { HibernatedWorkspace, HibernateQuery } from './verb.dto.ts';

/** Puts workspaces to sleep, and says so only when their box is known to be stopped. */
@Injectable()
export class HibernationService {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(SETTINGS) private readonly settings: GatewaySettings,
    private readonly requests: Requests,
    private readonly watcher: OperationWatcher,
  ) {}

  async hibernate(
    workspaceId: string,
    query: HibernateQuery,
    request: FastifyRequest,
  ): Promise<Answer<HibernatedWorkspace | DryRun>> {
    const accepted = await this.requests.take<HibernatedWorkspace, null>(request, 'hibernate', query, async (tx) => {
      const actor = actorOf(request.caller);
      const { operationId } = await requestHibernate(tx, { workspaceId, actor, force: query.force === 'true' });
      return {
        answer: new AnswerOf(operationId, null),
        status: 'hibernated',
        targets: [{ workspaceId, operationId }],
      };
    });
    if (accepted instanceof Answer) return accepted;
    const { operationId } = accepted;
    // The caller may leave; the operation goes on all the same.
    await this.watcher.waitForEnds([operationId], this.settings.answerWaitMs);
    return this.answer(operationId);
  }

  private async answer(id: string): Promise<Answer<HibernatedWorkspace>> {
    const { state, supersededBy, failureText } = await this.db.operation.findUniqueOrThrow({ where: { id } });
    switch (state) {
      case 'accepted':
      case 'running':
        return new Answer(200, { status: 'hibernating', operation_id: id });
      case 'succeeded':
        return new Answer(200, { status: 'hibernated', operation_id: id });
      case 'superseded':
        // A pause or a delete came in between: the claim is lost.
        throw new Refusal('OPERATION_IN_PROGRESS', undefined, { operation_id: supersededBy });
      case 'failed':
      case 'cancelled':
      case 'compensated':
      case 'coalesced':
        throw new Refusal('HIBERNATE_FAILED', failureText ?? undefined, { operation_id: id });
    }
  }
}
