import { Controller, Get, Inject, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { controlPlaneSettings, sharedSecretOf } from '@holdfast/activities/config/control-plane-variables';
import { type ControlPlaneAnswer, connectToControlPlane } from '@holdfast/activities/control-plane/control-plane';
import { Console, CONSOLE_BYTES } from '@holdfast/activities/control-plane/wire';
import { Refusal } from '@holdfast/activities/failure/refusal';
import type { Database } from '@holdfast/prisma';
import type { Logger } from 'pino';
import type { GatewayConfig } from '../config.ts';
import { CONFIG, DATABASE, LOGGER } from '../core/parts.ts';
import { Answers } from '../openapi/answers.ts';
import { ConsoleView } from './console.dto.ts';

@ApiTags('boxes')
@Controller('workspaces/:id/console')
export class ConsoleController {
  constructor(
    @Inject(CONFIG) private readonly config: GatewayConfig,
    @Inject(DATABASE) private readonly db: Database,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** Only a control plane keeps the console of a box. */
  @Get()
  @Answers(ConsoleView, 'What the box of a workspace wrote to its console; needs a control plane.')
  async getConsole(@Param('id') id: string): Promise<ConsoleView> {
    if (!this.config.MOLECULE_ORG_ID || !sharedSecretOf(this.config)) throw new Refusal('CONSOLE_UNAVAILABLE');
    const workspace = await this.db.workspace.findUnique({ where: { id }, select: { instanceId: true } });
    const answer = await this.ask(id, workspace?.instanceId ?? null);
    const read = Console.safeParse(answer?.body);
    if (answer?.status === 200 && read.success) return { output: read.data.output };
    this.log.warn({ workspaceId: id, status: answer?.status, says: answer?.says }, 'a console could not be fetched');
    throw new Refusal('CONSOLE_FAILED');
  }

  /** Null when the control plane does not answer. */
  private async ask(id: string, instanceId: string | null): Promise<ControlPlaneAnswer | null> {
    try {
      return await connectToControlPlane({ ...controlPlaneSettings(this.config), timeoutMs: ANSWER_MS }).ask({
        method: 'GET',
        path: `/cp/admin/workspaces/${encodeURIComponent(id)}/console`,
        query: { instance_id: instanceId },
        mostBytes: CONSOLE_BYTES,
      });
    } catch (error) {
      this.log.warn({ workspaceId: id, cause: String(error) }, 'the control plane does not answer');
      return null;
    }
  }
}

/** A person waits for it. */
const ANSWER_MS = 12_000;
