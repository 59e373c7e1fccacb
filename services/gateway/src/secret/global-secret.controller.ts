import { Body, Controller, Delete, Get, Param, Post, Put, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { DryRun, DryRunQuery } from '../dry-run/dry-run.dto.ts';
import type { Answer } from '../http/answer.ts';
import { Answers } from '../openapi/answers.ts';
import { GlobalSecretService } from './global-secret.service.ts';
import { GlobalSecretDeleted, GlobalSecretSaved, SaveSecret, type SecretView, SecretsView } from './secret.dto.ts';

const listed = 'Names of the secrets every workspace gets; never values.';
const saved = 'Saves a secret for every workspace that has none of the same name.';
const deleted = 'Deletes a secret of every workspace.';

@ApiTags('secrets')
@Controller('settings/secrets')
export class GlobalSecretController {
  constructor(private readonly secrets: GlobalSecretService) {}

  @Get()
  @Answers(SecretsView, listed)
  listGlobalSecrets(): Promise<SecretView[]> {
    return this.secrets.list();
  }

  @Post()
  @Answers(GlobalSecretSaved.or(DryRun), saved)
  createGlobalSecret(
    @Req() request: FastifyRequest,
    @Body({ schema: SaveSecret }) body: SaveSecret,
    @Query({ schema: DryRunQuery }) query: DryRunQuery,
  ): Promise<Answer<GlobalSecretSaved | DryRun>> {
    return this.secrets.save(request, body, query);
  }

  @Put()
  @Answers(GlobalSecretSaved.or(DryRun), saved)
  saveGlobalSecret(
    @Req() request: FastifyRequest,
    @Body({ schema: SaveSecret }) body: SaveSecret,
    @Query({ schema: DryRunQuery }) query: DryRunQuery,
  ): Promise<Answer<GlobalSecretSaved | DryRun>> {
    return this.secrets.save(request, body, query);
  }

  @Delete(':key')
  @Answers(GlobalSecretDeleted.or(DryRun), deleted)
  deleteGlobalSecret(
    @Req() request: FastifyRequest,
    @Param('key') key: string,
    @Query({ schema: DryRunQuery }) query: DryRunQuery,
  ): Promise<Answer<GlobalSecretDeleted | DryRun>> {
    return this.secrets.remove(request, key, query);
  }
}

/** The same under the address that older scripts use. */
@ApiTags('secrets')
@Controller('admin/secrets')
export class AdminSecretController {
  constructor(private readonly secrets: GlobalSecretService) {}

  @Get()
  @Answers(SecretsView, listed)
  listAdminSecrets(): Promise<SecretView[]> {
    return this.secrets.list();
  }

  @Post()
  @Answers(GlobalSecretSaved.or(DryRun), saved)
  saveAdminSecret(
    @Req() request: FastifyRequest,
    @Body({ schema: SaveSecret }) body: SaveSecret,
    @Query({ schema: DryRunQuery }) query: DryRunQuery,
  ): Promise<Answer<GlobalSecretSaved | DryRun>> {
    return this.secrets.save(request, body, query);
  }

  @Delete(':key')
  @Answers(GlobalSecretDeleted.or(DryRun), deleted)
  deleteAdminSecret(
    @Req() request: FastifyRequest,
    @Param('key') key: string,
    @Query({ schema: DryRunQuery }) query: DryRunQuery,
  ): Promise<Answer<GlobalSecretDeleted | DryRun>> {
    return this.secrets.remove(request, key, query);
  }
}
