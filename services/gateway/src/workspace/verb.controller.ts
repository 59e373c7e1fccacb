import { Body, Controller, Param, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { DryRun, DryRunQuery } from '../dry-run/dry-run.dto.ts';
import type { Answer } from '../http/answer.ts';
import { Answers } from '../openapi/answers.ts';
import { BringUpService } from './bring-up.service.ts';
import { HibernationService } from './hibernation.service.ts';
import { TreeService } from './tree.service.ts';
import {
  CollapsedWorkspace,
  HibernatedWorkspace,
  HibernateQuery,
  PausedWorkspace,
  RestartedWorkspace,
  RestartQuery,
  RestartWorkspace,
  ResumedWorkspace,
  WokenWorkspace,
} from './verb.dto.ts';

@ApiTags('workspaces')
@Controller('workspaces/:id')
export class VerbController {
  constructor(
    private readonly bringUps: BringUpService,
    private readonly hibernation: HibernationService,
    private readonly trees: TreeService,
  ) {}

  @Post('restart')
  @Answers(RestartedWorkspace.or(DryRun), 'Replaces the box of a workspace; also ends its pause or hibernation.')
  restartWorkspace(
    @Param('id') id: string,
    @Body({ schema: RestartWorkspace }) body: RestartWorkspace,
    @Query({ schema: RestartQuery }) query: RestartQuery,
    @Req() request: FastifyRequest,
  ): Promise<Answer<RestartedWorkspace | DryRun>> {
    return this.bringUps.restart(id, body, query, request);
  }

  @Post('pause')
  @Answers(PausedWorkspace.or(DryRun), 'Stops a workspace and all below it until somebody resumes them.')
  pauseWorkspace(
    @Param('id') id: string,
    @Query({ schema: DryRunQuery }) query: DryRunQuery,
    @Req() request: FastifyRequest,
  ): Promise<Answer<PausedWorkspace | DryRun>> {
    return this.trees.pause(id, query, request);
  }

  @Post('resume')
  @Answers(ResumedWorkspace.or(DryRun), 'Brings a paused workspace and the paused ones below it up again.')
  resumeWorkspace(
    @Param('id') id: string,
    @Query({ schema: DryRunQuery }) query: DryRunQuery,
    @Req() request: FastifyRequest,
  ): Promise<Answer<ResumedWorkspace | DryRun>> {
    return this.trees.resume(id, query, request);
  }

  @Post('hibernate')
  @Answers(HibernatedWorkspace.or(DryRun), 'Stops an idle workspace until a wake brings it up again.')
  hibernateWorkspace(
    @Param('id') id: string,
    @Query({ schema: HibernateQuery }) query: HibernateQuery,
    @Req() request: FastifyRequest,
  ): Promise<Answer<HibernatedWorkspace | DryRun>> {
    return this.hibernation.hibernate(id, query, request);
  }

  @Post('wake')
  @Answers(WokenWorkspace.or(DryRun), 'Brings a hibernated workspace up again.')
  wakeWorkspace(
    @Param('id') id: string,
    @Query({ schema: DryRunQuery }) query: DryRunQuery,
    @Req() request: FastifyRequest,
  ): Promise<Answer<WokenWorkspace | DryRun>> {
    return this.bringUps.wake(id, query, request);
  }

  @Post('collapse')
  @Answers(CollapsedWorkspace.or(DryRun), 'Removes everything below a workspace.')
  collapseWorkspace(
    @Param('id') id: string,
    @Query({ schema: DryRunQuery }) query: DryRunQuery,
    @Req() request: FastifyRequest,
  ): Promise<Answer<CollapsedWorkspace | DryRun>> {
    return this.trees.collapse(id, query, request);
  }
}
