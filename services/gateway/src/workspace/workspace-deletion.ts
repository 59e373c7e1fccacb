import { Inject, Injectable } from '@nestjs/common';
import { requestDelete } from '@holdfast/activities/workspace/delete-workspace';
import type { TreeIntake } from '@holdfast/activities/workspace/tree-intake';
import type { FastifyRequest } from 'fastify';
import { actorOf } from '../auth/caller.ts';
import { type GatewaySettings, SETTINGS } from '../core/parts.ts';
import type { DryRun } from '../dry-run/dry-run.dto.ts';
import { Requests } from '../dry-run/requests.ts';
import { Answer } from '../http/answer.ts';
import { AnswerOf } from '../idempotency/answer-of.ts';
import { OperationWatcher } from '../operation/operation-watcher.ts';
import { type Deletion, DeletionOutcome } from './deletion-outcome.ts';
import { targetsOf } from './tree.service.ts';
import type { DeletedWorkspace, DeleteQuery } from './workspace.dto.ts';

/** Deletes: accepted at once, answered with what came of all of them when that is known in time. */
@Injectable()
export class WorkspaceDeletion {
  constructor(
    @Inject(SETTINGS) private readonly settings: GatewaySettings,
    private readonly requests: Requests,
    private readonly watcher: OperationWatcher,
    private readonly outcome: DeletionOutcome,
  ) {}

  async delete(
    workspaceId: string,
    query: DeleteQuery,
    request: FastifyRequest,
  ): Promise<Answer<DeletedWorkspace | DryRun>> {
    const purge = query.purge === 'true';
    const status = purge ? 'purged' : 'removed';
    const accepted = await this.requests.take<DeletedWorkspace, Deletion>(request, 'delete', query, async (tx) => {
      const actor = actorOf(request.caller);
      const intake = await requestDelete(tx, { workspaceId, confirm: query.confirm === 'true', purge, actor });
      if (intake.settled) return { answer: new Answer(200, { status, cascade_deleted: 0 }), status, targets: [] };
      const deletion = deletionOf(workspaceId, intake, purge);
      return { answer: new AnswerOf(deletion.operationId, deletion), status, ...targetsOf(intake) };
    });
    if (accepted instanceof Answer) return accepted;
    const deletion = accepted.memo;
    // The caller may leave; the operations go on all the same.
    await this.watcher.waitForEnds(deletion.operationIds, this.settings.answerWaitMs);
    return this.outcome.answer(deletion);
  }
}

function deletionOf(workspaceId: string, { treeId, members }: TreeIntake, purge: boolean): Deletion {
  if (treeId === null) throw new Error('a delete that is not settled has its operation');
  return {
    workspaceId,
    operationId: treeId,
    workspaceIds: members.map((member) => member.workspaceId),
    operationIds: members.flatMap(({ operationId }) => operationId ?? []),
    purge,
  };
}
