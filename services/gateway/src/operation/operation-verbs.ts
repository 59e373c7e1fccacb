import { Injectable } from '@nestjs/common';
import { requestCancel } from '@holdfast/activities/operation/cancel';
import { requestRetry } from '@holdfast/activities/workspace/request-retry';
import type { FastifyRequest } from 'fastify';
import { actorOf } from '../auth/caller.ts';
import type { DryRun, DryRunQuery } from '../dry-run/dry-run.dto.ts';
import { Requests } from '../dry-run/requests.ts';
import { Answer } from '../http/answer.ts';
import type { CancelledOperation, RetriedOperation } from './operation-verb.dto.ts';

/** What an operator may do to an operation itself. */
@Injectable()
export class OperationVerbs {
  constructor(private readonly requests: Requests) {}

  cancel(
    operationId: string,
    query: DryRunQuery,
    request: FastifyRequest,
  ): Promise<Answer<CancelledOperation | DryRun>> {
    return this.requests.take<CancelledOperation>(request, 'cancel', query, async (tx) => {
      const { workspaceId, state } = await requestCancel(tx, { operationId, actor: actorOf(request.caller) });
      return {
        answer: new Answer(200, { status: state, operation_id: operationId }),
        status: state,
        // Rows are enough for one that has not begun; the run of another is told to come to its end.
        targets: [{ workspaceId, operationId, decision: state === 'cancelled' ? 'direct' : 'join' }],
      };
    });
  }

  retry(retries: string, query: DryRunQuery, request: FastifyRequest): Promise<Answer<RetriedOperation | DryRun>> {
    return this.requests.take<RetriedOperation>(request, 'retry', query, async (tx) => {
      const actor = actorOf(request.caller);
      const { workspaceId, operationId, isTree } = await requestRetry(tx, { operationId: retries, actor });
      const status = 'accepted';
      return {
        answer: new Answer(200, { status, operation_id: operationId, retries }),
        status,
        targets: [{ workspaceId, operationId }],
        ...(isTree ? { treeRoot: workspaceId } : {}),
      };
    });
  }
}
