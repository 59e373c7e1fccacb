import { Injectable } from '@nestjs/common';
import { requestCollapse } from '@holdfast/activities/workspace/collapse-workspace';
import { requestPause } from '@holdfast/activities/workspace/pause-workspace';
import { requestResume } from '@holdfast/activities/workspace/resume-workspace';
import type { TreeIntake } from '@holdfast/activities/workspace/tree-intake';
import type { FastifyRequest } from 'fastify';
import { actorOf } from '../auth/caller.ts';
import type { DryRun, DryRunQuery } from '../dry-run/dry-run.dto.ts';
import { Requests, type Taken } from '../dry-run/requests.ts';
import { Answer } from '../http/answer.ts';
import type { CollapsedWorkspace, PausedWorkspace, ResumedWorkspace } from './verb.dto.ts';

/** Changes a workspace together with those below it. Accepted is enough: what they answer is known from the rows. */
@Injectable()
export class TreeService {
  constructor(private readonly requests: Requests) {}

  pause(workspaceId: string, query: DryRunQuery, request: FastifyRequest): Promise<Answer<PausedWorkspace | DryRun>> {
    return this.requests.take<PausedWorkspace>(request, 'pause', query, async (tx) => {
      const intake = await requestPause(tx, { workspaceId, actor: actorOf(request.caller) });
      const status = 'paused';
      const body = { status, paused_count: intake.members.length, ...named(intake) } as const;
      return { answer: new Answer(200, body), status, ...targetsOf(intake) };
    });
  }

  resume(workspaceId: string, query: DryRunQuery, request: FastifyRequest): Promise<Answer<ResumedWorkspace | DryRun>> {
    return this.requests.take<ResumedWorkspace>(request, 'resume', query, async (tx) => {
      const intake = await requestResume(tx, { workspaceId, actor: actorOf(request.caller) });
      const status = 'provisioning';
      const body = { status, resumed_count: intake.members.length, ...named(intake) } as const;
      return { answer: new Answer(200, body), status, ...targetsOf(intake) };
    });
  }

  collapse(
    workspaceId: string,
    query: DryRunQuery,
    request: FastifyRequest,
  ): Promise<Answer<CollapsedWorkspace | DryRun>> {
    return this.requests.take<CollapsedWorkspace>(request, 'collapse', query, async (tx) => {
      const intake = await requestCollapse(tx, { workspaceId, actor: actorOf(request.caller) });
      const status = 'collapsed';
      const operations = intake.members.flatMap(({ operationId }) => operationId ?? []);
      const body: CollapsedWorkspace = { status, removed: [...intake.removed], operation_ids: operations };
      return { answer: new Answer(200, body), status, ...targetsOf(intake) };
    });
  }
}

/** The request by its name; there is none where rows were all there was to change. */
const named = ({ treeId }: TreeIntake): { operation_id?: string } => (treeId === null ? {} : { operation_id: treeId });

/** The members of a tree as targets; only with more than one of them there is a tree to poke. */
export const targetsOf = ({ members, rootId }: TreeIntake): Pick<Taken<Answer>, 'targets' | 'treeRoot'> => ({
  targets: members,
  ...(members.length > 1 ? { treeRoot: rootId } : {}),
});
