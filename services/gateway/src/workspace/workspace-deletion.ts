import { Inject, Injectable } from '@nestjs/common';
import { Refusal } from '@holdfast/activities/failure/refusal';
import { requestDelete } from '@holdfast/activities/workspace/delete-workspace';
import type { Database } from '@holdfast/prisma';
import type { FastifyRequest } from 'fastify';
import { actorOf } from '../auth/caller.ts';
import { DATABASE, type GatewaySettings, SETTINGS } from '../core/parts.ts';
import type { DryRun } from '../dry-run/dry-run.dto.ts';
import { Requests } from '../dry-run/requests.ts';
import { Answer } from '../http/answer.ts';
import { AnswerOf } from '../idempotency/idempotency.ts';
import { OperationWatcher } from '../operation/operation-watcher.ts';
import type { DeletedWorkspace, DeleteQuery } from './workspace.dto.ts';

/** Deletes: accepted at once, answered with what came of it when that is known in time. */
@Injectable()
export class WorkspaceDeletion {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(SETTINGS) private readonly settings: GatewaySettings,
    private readonly requests: Requests,
    private readonly watcher: OperationWatcher,
  ) {}

  async delete(
    workspaceId: string,
    query: DeleteQuery,
    request: FastifyRequest,
  ): Promise<Answer<DeletedWorkspace | DryRun>> {
    const purge = query.purge === 'true';
    const status = purge ? 'purged' : 'removed';
    const accepted = await this.requests.take<DeletedWorkspace, null>(request, 'delete', query, async (tx) => {
      const actor = actorOf(request.caller);
      const intake = await requestDelete(tx, { workspaceId, confirm: query.confirm === 'true', purge, actor });
      if (intake.settled) return { answer: new Answer(200, { status, cascade_deleted: 0 }), status, targets: [] };
      const operationId = intake.treeId ?? intake.rootId;
      return { answer: new AnswerOf(operationId, null), status, targets: [{ workspaceId, operationId }] };
    });
    if (accepted instanceof Answer) return accepted;
    // The caller may leave; the operation goes on all the same.
    await this.watcher.waitForEnds([accepted.operationId], this.settings.answerWaitMs);
    return this.answer(accepted.operationId, workspaceId);
  }

  private async answer(operationId: string, workspaceId: string): Promise<Answer<DeletedWorkspace>> {
    const operation = await this.db.operation.findUniqueOrThrow({ where: { id: operationId } });
    const body = { cascade_deleted: 0, operation_id: operationId };
    if (operation.state === 'accepted' || operation.state === 'running')
      return new Answer(200, { status: 'removed', ...body });
    if (operation.state !== 'succeeded') throw await this.incomplete(operationId, workspaceId, operation.failureText);
    const { purge } = operation.request as { purge?: boolean };
    return new Answer(200, { status: purge ? 'purged' : 'removed', ...body });
  }

  /** The rows stay removed, what could not be stopped is owed, and repeating the request is safe. */
  private async incomplete(operationId: string, workspaceId: string, causes: string | null): Promise<Refusal> {
    const owed = await this.db.box.count({ where: { workspaceId, state: { not: 'gone' } } });
    const failures = Math.max(1, owed);
    const text = `workspace marked removed, but ${failures} stop call(s) failed — please retry: ${causes ?? 'see the operation'}`;
    return new Refusal('DELETE_INCOMPLETE', text, {
      removed_count: 1,
      stop_failures: failures,
      operation_id: operationId,
    });
  }
}
