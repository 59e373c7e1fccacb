import { Body, Controller, Param, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { DryRun, DryRunQuery } from '../dry-run/dry-run.dto.ts';
import type { Answer } from '../http/answer.ts';
import { Answers } from '../openapi/answers.ts';
import { SwitchedProvider, SwitchProvider } from './switch.dto.ts';
import { SwitchService } from './switch.service.ts';

@ApiTags('workspaces')
@Controller('workspaces/:id')
export class SwitchController {
  constructor(private readonly switches: SwitchService) {}

  @Post('switch-provider')
  @Answers(SwitchedProvider.or(DryRun), 'Moves a workspace to another cloud; brings it back when that fails.', 202)
  switchProvider(
    @Param('id') id: string,
    @Body({ schema: SwitchProvider }) body: SwitchProvider,
    @Query({ schema: DryRunQuery }) query: DryRunQuery,
    @Req() request: FastifyRequest,
  ): Promise<Answer<SwitchedProvider | DryRun>> {
    return this.switches.switch(id, body, query, request);
  }
}
