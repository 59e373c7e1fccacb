import { Injectable } from '@nestjs/common';
import { requestSwitch } from '@holdfast/activities/workspace/request-switch';
import type { FastifyRequest } from 'fastify';
import { actorOf } from '../auth/caller.ts';
import type { DryRun, DryRunQuery } from '../dry-run/dry-run.dto.ts';
import { Requests } from '../dry-run/requests.ts';
import { Answer } from '../http/answer.ts';
import type { SwitchedProvider, SwitchProvider } from './switch.dto.ts';

/** Moves workspaces to other clouds. Accepted is enough: whoever leaves now leaves nothing half done. */
@Injectable()
export class SwitchService {
  constructor(private readonly requests: Requests) {}

  switch(
    workspaceId: string,
    body: SwitchProvider,
    query: DryRunQuery,
    request: FastifyRequest,
  ): Promise<Answer<SwitchedProvider | DryRun>> {
    return this.requests.take<SwitchedProvider>(request, 'switch', query, async (tx) => {
      const intake = await requestSwitch(tx, {
        workspaceId,
        provider: body.provider,
        confirmDataLoss: body.confirm_data_loss === true,
        actor: actorOf(request.caller),
      });
      if (intake.noop) return { answer: new Answer(200, noop(intake.provider)), status: 'noop', targets: [] };
      const { operationId, from, to } = intake;
      const status = 'switching';
      return {
        answer: new Answer(202, { status, workspace_id: workspaceId, from, to, operation_id: operationId }),
        status,
        targets: [{ workspaceId, operationId }],
      };
    });
  }
}

const noop = (provider: string): SwitchedProvider => ({
  status: 'noop',
  provider,
  message: `the workspace is on ${provider} already; if its last switch failed there, restart it`,
});
