import { Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { DryRun, DryRunQuery } from '../dry-run/dry-run.dto.ts';
import type { Answer } from '../http/answer.ts';
import { Answers, NoStore } from '../openapi/answers.ts';
import { TestTokenService } from './test-token.service.ts';
import { TestTokenMinted } from './token.dto.ts';

const summary = 'Makes a token for scripts that test the platform. Not there in production.';

@ApiTags('tokens')
@Controller('admin/workspaces/:id/test-token')
export class TestTokenController {
  constructor(private readonly tokens: TestTokenService) {}

  /** Scripts ask with GET, although each call makes another token. */
  @Get()
  @NoStore()
  @Answers(TestTokenMinted.or(DryRun), summary)
  getTestToken(
    @Req() request: FastifyRequest,
    @Param('id') id: string,
    @Query({ schema: DryRunQuery }) query: DryRunQuery,
  ): Promise<Answer<TestTokenMinted | DryRun>> {
    return this.tokens.mint(request, id, query);
  }

  @Post()
  @HttpCode(200)
  @NoStore()
  @Answers(TestTokenMinted.or(DryRun), summary)
  mintTestToken(
    @Req() request: FastifyRequest,
    @Param('id') id: string,
    @Query({ schema: DryRunQuery }) query: DryRunQuery,
  ): Promise<Answer<TestTokenMinted | DryRun>> {
    return this.tokens.mint(request, id, query);
  }
}
