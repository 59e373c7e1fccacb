import { Inject, Injectable } from '@nestjs/common';
import { requestRestart } from '@holdfast/activities/workspace/request-restart';
import { requestWake } from '@holdfast/activities/workspace/request-wake';
import { chooseTemplate, type TemplateChoice } from '@holdfast/activities/workspace/template-choice';
import type { Database } from '@holdfast/prisma';
import type { FastifyRequest } from 'fastify';
import { actorOf } from '../auth/caller.ts';
import type { GatewayConfig } from '../config.ts';
import { CONFIG, DATABASE } from '../core/parts.ts';
import type { DryRun, DryRunQuery } from '../dry-run/dry-run.dto.ts';
import { Requests } from '../dry-run/requests.ts';
import { Answer } from '../http/answer.ts';
import type { RestartedWorkspace, RestartQuery, RestartWorkspace, WokenWorkspace } from './verb.dto.ts';

/** Brings workspaces up again. Accepted is enough: the answer never waits for a box. */
@Injectable()
export class BringUpService {
  constructor(
    @Inject(CONFIG) private readonly config: GatewayConfig,
    @Inject(DATABASE) private readonly db: Database,
    private readonly requests: Requests,
  ) {}

  async restart(
    workspaceId: string,
    body: RestartWorkspace,
    query: RestartQuery,
    request: FastifyRequest,
  ): Promise<Answer<RestartedWorkspace | DryRun>> {
    // Before the transaction: it reads folders.
    const { label, template } = await this.templateOf(workspaceId, body);
    const reset = body.reset === true || query.reset === 'true';
    return this.requests.take<RestartedWorkspace>(request, 'restart', query, async (tx) => {
      const intake = await requestRestart(tx, { workspaceId, actor: actorOf(request.caller), template, reset });
      if (intake.noop) return { answer: new Answer(200, noop(intake.runtime)), status: 'noop', targets: [] };
      const { operationId, decision } = intake;
      const status = 'provisioning';
      return {
        answer: new Answer(200, { status, config_dir: label, reset_session: reset, operation_id: operationId }),
        status,
        targets: [{ workspaceId, operationId, decision }],
      };
    });
  }

  wake(workspaceId: string, query: DryRunQuery, request: FastifyRequest): Promise<Answer<WokenWorkspace | DryRun>> {
    return this.requests.take<WokenWorkspace>(request, 'wake', query, async (tx) => {
      const { operationId } = await requestWake(tx, { workspaceId, actor: actorOf(request.caller) });
      const status = 'waking';
      return {
        answer: new Answer(200, { status, operation_id: operationId }),
        status,
        targets: [{ workspaceId, operationId }],
      };
    });
  }

  private async templateOf(workspaceId: string, body: RestartWorkspace): Promise<TemplateChoice> {
    const wish = {
      template: body.template ?? undefined,
      applyTemplate: body.apply_template ?? undefined,
      rebuildConfig: body.rebuild_config ?? undefined,
    };
    const roots = { templates: this.config.CONFIGS_DIR ?? null, orgTemplates: this.config.ORG_TEMPLATES_DIR ?? null };
    const row = await this.db.workspace.findUnique({
      where: { id: workspaceId },
      select: { name: true, runtime: true },
    });
    // A workspace that is not there is refused by the request itself.
    return chooseTemplate(roots, row ?? { name: '', runtime: '' }, row ? wish : {});
  }
}

const noop = (runtime: string): RestartedWorkspace => ({
  status: 'noop',
  runtime,
  message: `the platform runs no box for runtime "${runtime}": restart the agent where it runs`,
});
