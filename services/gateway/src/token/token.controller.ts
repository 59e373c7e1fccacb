import { Controller, Delete, Get, Param, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { DryRun, DryRunQuery } from '../dry-run/dry-run.dto.ts';
import type { Answer } from '../http/answer.ts';
import { Answers, NoStore } from '../openapi/answers.ts';
import { TokenMinted, TokenPage, TokenRevoked, TokensView } from './token.dto.ts';
import { TokenService } from './token.service.ts';

@ApiTags('tokens')
@Controller('workspaces/:id/tokens')
export class TokenController {
  constructor(private readonly tokens: TokenService) {}

  @Get()
  @Answers(TokensView, 'Live tokens of a workspace, newest first.')
  listTokens(@Param('id') id: string, @Query({ schema: TokenPage }) page: TokenPage): Promise<TokensView> {
    return this.tokens.list(id, page);
  }

  @Post()
  @NoStore()
  @Answers(TokenMinted, 'Makes a token of a workspace; it survives restarts.', 201)
  @Answers(DryRun, 'Makes a token of a workspace; it survives restarts.')
  mintToken(
    @Req() request: FastifyRequest,
    @Param('id') id: string,
    @Query({ schema: DryRunQuery }) query: DryRunQuery,
  ): Promise<Answer<TokenMinted | DryRun>> {
    return this.tokens.mint(request, id, query);
  }

  @Delete(':tokenId')
  @Answers(TokenRevoked.or(DryRun), 'Revokes a token of a workspace.')
  revokeToken(
    @Req() request: FastifyRequest,
    @Param('id') id: string,
    @Param('tokenId') tokenId: string,
    @Query({ schema: DryRunQuery }) query: DryRunQuery,
  ): Promise<Answer<TokenRevoked | DryRun>> {
    return this.tokens.revoke(request, id, tokenId, query);
  }
}
