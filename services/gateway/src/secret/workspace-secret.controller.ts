import { Body, Controller, Delete, Get, Param, Post, Put, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { DryRun, DryRunQuery } from '../dry-run/dry-run.dto.ts';
import type { Answer } from '../http/answer.ts';
import { Answers, NoStore } from '../openapi/answers.ts';
import { ModelSet, ModelView, SetModel } from './model.dto.ts';
import {
  SaveSecret,
  SecretDeleted,
  SecretSaved,
  SecretValuesView,
  type SecretView,
  SecretsView,
} from './secret.dto.ts';
import { WorkspaceSecretService } from './workspace-secret.service.ts';

@ApiTags('secrets')
@Controller('workspaces/:id')
export class WorkspaceSecretController {
  constructor(private readonly secrets: WorkspaceSecretService) {}

  @Get('secrets')
  @Answers(SecretsView, 'Names of the secrets a workspace gets, its own and the global ones; never values.')
  listSecrets(@Param('id') id: string): Promise<SecretView[]> {
    return this.secrets.list(id);
  }

  @Post('secrets')
  @Answers(SecretSaved.or(DryRun), 'Saves a secret of a workspace, over an older one of the same name.')
  createSecret(
    @Req() request: FastifyRequest,
    @Param('id') id: string,
    @Body({ schema: SaveSecret }) body: SaveSecret,
    @Query({ schema: DryRunQuery }) query: DryRunQuery,
  ): Promise<Answer<SecretSaved | DryRun>> {
    return this.secrets.save(request, id, body, query);
  }

  @Put('secrets')
  @Answers(SecretSaved.or(DryRun), 'Saves a secret of a workspace, over an older one of the same name.')
  saveSecret(
    @Req() request: FastifyRequest,
    @Param('id') id: string,
    @Body({ schema: SaveSecret }) body: SaveSecret,
    @Query({ schema: DryRunQuery }) query: DryRunQuery,
  ): Promise<Answer<SecretSaved | DryRun>> {
    return this.secrets.save(request, id, body, query);
  }

  @Delete('secrets/:key')
  @Answers(SecretDeleted.or(DryRun), 'Deletes a secret of a workspace; a global one of the same name counts again.')
  deleteSecret(
    @Req() request: FastifyRequest,
    @Param('id') id: string,
    @Param('key') key: string,
    @Query({ schema: DryRunQuery }) query: DryRunQuery,
  ): Promise<Answer<SecretDeleted | DryRun>> {
    return this.secrets.remove(request, id, key, query);
  }

  @Get('secrets/values')
  @NoStore()
  @Answers(SecretValuesView, 'Every secret of a workspace in the clear, for its own agent.')
  readSecretValues(@Param('id') id: string): Promise<SecretValuesView> {
    return this.secrets.values(id);
  }

  @Get('model')
  @Answers(ModelView, 'The model a workspace was told to use.')
  getModel(@Param('id') id: string): Promise<ModelView> {
    return this.secrets.model(id);
  }

  @Put('model')
  @Answers(ModelSet.or(DryRun), 'Sets or clears the model of a workspace.')
  setModel(
    @Req() request: FastifyRequest,
    @Param('id') id: string,
    @Body({ schema: SetModel }) body: SetModel,
    @Query({ schema: DryRunQuery }) query: DryRunQuery,
  ): Promise<Answer<ModelSet | DryRun>> {
    return this.secrets.setModel(request, id, body.model, query);
  }
}
