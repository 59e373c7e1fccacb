import { Body, Controller, Param, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { reportBootstrapFailure } from '@holdfast/activities/workspace/bootstrap-failed';
import type { FastifyRequest } from 'fastify';
import { AfterCommit } from '../core/after-commit.ts';
import { Answer } from '../http/answer.ts';
import { Idempotency } from '../idempotency/idempotency.ts';
import { Answers } from '../openapi/answers.ts';
import { BootstrapFailureReported, ReportBootstrapFailure } from './bootstrap-failure.dto.ts';

@ApiTags('workspaces')
@Controller('admin/workspaces/:id/bootstrap-failed')
export class BootstrapFailureController {
  constructor(
    private readonly once: Idempotency,
    private readonly after: AfterCommit,
  ) {}

  @Post()
  @Answers(BootstrapFailureReported, 'Reports that a box crashed before its agent registered; its bring-up fails then.')
  async reportBootstrapFailure(
    @Param('id') workspaceId: string,
    @Body({ schema: ReportBootstrapFailure }) body: ReportBootstrapFailure,
    @Req() request: FastifyRequest,
  ): Promise<Answer<BootstrapFailureReported>> {
    const report = {
      workspaceId,
      error: body.error ?? '',
      logTail: body.log_tail ?? '',
      boxId: body.box_id ?? null,
    };
    const answer = await this.once.inTransaction<BootstrapFailureReported>(request, async (tx) => {
      const changed = await reportBootstrapFailure(tx, report);
      return new Answer(200, changed ? { ok: true } : { ok: true, no_change: true });
    });
    // The bring-up that waits for this box looks at its row again.
    if (!answer.body.no_change) this.after.poke(workspaceId);
    return answer;
  }
}
