import { Body, Controller, Delete, Get, Param, Patch, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { DryRun, DryRunQuery } from '../dry-run/dry-run.dto.ts';
import type { Answer, JsonText } from '../http/answer.ts';
import { Answers } from '../openapi/answers.ts';
import { CreatedWorkspace, CreateWorkspace } from './create-workspace.dto.ts';
import { WorkspaceDeletion } from './workspace-deletion.ts';
import { WorkspaceReader } from './workspace-reader.ts';
import {
  DeletedWorkspace,
  DeleteQuery,
  PatchedWorkspace,
  PatchWorkspace,
  WorkspaceListView,
  WorkspaceState,
  WorkspaceView,
} from './workspace.dto.ts';
import { WorkspaceService } from './workspace.service.ts';

@ApiTags('workspaces')
@Controller('workspaces')
export class WorkspaceController {
  constructor(
    private readonly workspaces: WorkspaceService,
    private readonly reader: WorkspaceReader,
    private readonly deletion: WorkspaceDeletion,
  ) {}

  @Post()
  @Answers(CreatedWorkspace, 'Creates a workspace and provisions it.', 201)
  @Answers(DryRun, 'Creates a workspace and provisions it.')
  createWorkspace(
    @Body({ schema: CreateWorkspace }) body: CreateWorkspace,
    @Query({ schema: DryRunQuery }) query: DryRunQuery,
    @Req() request: FastifyRequest,
  ): Promise<Answer<CreatedWorkspace | DryRun>> {
    return this.workspaces.create(body, query, request);
  }

  @Get()
  @Answers(WorkspaceListView, 'Every workspace that is not removed, oldest first.')
  listWorkspaces(): Promise<JsonText> {
    return this.reader.list();
  }

  @Get(':id')
  @Answers(WorkspaceView, 'One workspace; a removed one until it is purged.')
  getWorkspace(@Param('id') id: string): Promise<JsonText> {
    return this.reader.get(id);
  }

  @Patch(':id')
  @Answers(PatchedWorkspace.or(DryRun), 'Changes name, place in the tree, layout and the like.')
  patchWorkspace(
    @Param('id') id: string,
    @Body({ schema: PatchWorkspace }) body: PatchWorkspace,
    @Query({ schema: DryRunQuery }) query: DryRunQuery,
    @Req() request: FastifyRequest,
  ): Promise<Answer<PatchedWorkspace | DryRun>> {
    return this.workspaces.patch(id, body, query, request);
  }

  @Delete(':id')
  @Answers(DeletedWorkspace.or(DryRun), 'Removes a workspace and stops its boxes; its data too with purge.')
  deleteWorkspace(
    @Param('id') id: string,
    @Query({ schema: DeleteQuery }) query: DeleteQuery,
    @Req() request: FastifyRequest,
  ): Promise<Answer<DeletedWorkspace | DryRun>> {
    return this.deletion.delete(id, query, request);
  }

  @Get(':id/state')
  @Answers(WorkspaceState, 'What an agent asks to learn whether it is still wanted.')
  getWorkspaceState(@Param('id') id: string): Promise<Answer<WorkspaceState>> {
    return this.reader.state(id);
  }
}
