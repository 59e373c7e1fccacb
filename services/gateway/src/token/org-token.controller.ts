import { Body, Controller, Delete, Get, Param, Post, Query, Req } from '@nestjs/common';
import { ApiForbiddenResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { DryRun, DryRunQuery } from '../dry-run/dry-run.dto.ts';
import type { Answer } from '../http/answer.ts';
import { Answers, NoStore } from '../openapi/answers.ts';
import { MintOrgToken, OrgTokenMinted, OrgTokenRevoked, OrgTokensView } from './org-token.dto.ts';
import { OrgTokenService } from './org-token.service.ts';

@ApiTags('tokens')
@Controller('org/tokens')
export class OrgTokenController {
  constructor(private readonly tokens: OrgTokenService) {}

  @Get()
  @Answers(OrgTokensView, 'Live org tokens, newest first.')
  listOrgTokens(): Promise<OrgTokensView> {
    return this.tokens.list();
  }

  @Post()
  @NoStore()
  @ApiForbiddenResponse({ description: 'A token bound to an org makes tokens of that org only.' })
  @Answers(OrgTokenMinted.or(DryRun), 'Makes a token that may do what an operator may.')
  mintOrgToken(
    @Req() request: FastifyRequest,
    @Body({ schema: MintOrgToken }) body: MintOrgToken,
    @Query({ schema: DryRunQuery }) query: DryRunQuery,
  ): Promise<Answer<OrgTokenMinted | DryRun>> {
    return this.tokens.mint(request, body, query);
  }

  @Delete(':id')
  @Answers(OrgTokenRevoked.or(DryRun), 'Revokes an org token.')
  revokeOrgToken(
    @Req() request: FastifyRequest,
    @Param('id') id: string,
    @Query({ schema: DryRunQuery }) query: DryRunQuery,
  ): Promise<Answer<OrgTokenRevoked | DryRun>> {
    return this.tokens.revoke(request, id, query);
  }
}
