import { Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DryRun, DryRunQuery } from '../dry-run/dry-run.dto.ts';
import type { Answer } from '../http/answer.ts';
import { Answers, AnswersText } from '../openapi/answers.ts';
import { OperationDetail, OperationList, OperationQuery } from './operation.dto.ts';
import { OperationReader } from './operation-reader.ts';
import { OperationStream } from './operation-stream.ts';
import { CancelledOperation, RetriedOperation } from './operation-verb.dto.ts';
import { OperationVerbs } from './operation-verbs.ts';

@ApiTags('operations')
@Controller()
export class OperationController {
  constructor(
    private readonly operations: OperationReader,
    private readonly stream: OperationStream,
    private readonly verbs: OperationVerbs,
  ) {}

  @Get('operations')
  @Answers(OperationList, 'Operations of all workspaces, newest first.')
  listOperations(@Query({ schema: OperationQuery }) query: OperationQuery): Promise<OperationList> {
    return this.operations.list(query);
  }

  @Get('workspaces/:id/operations')
  @Answers(OperationList, 'Operations of one workspace, newest first; also after it was purged.')
  listWorkspaceOperations(
    @Param('id') id: string,
    @Query({ schema: OperationQuery }) query: OperationQuery,
  ): Promise<OperationList> {
    return this.operations.list(query, id);
  }

  @Get('operations/:id')
  @Answers(OperationDetail, 'One operation with its steps.')
  getOperation(@Param('id') id: string, @Req() request: FastifyRequest): Promise<OperationDetail> {
    return this.operations.get(id, request.caller);
  }

  @Post('operations/:id/cancel')
  @Answers(CancelledOperation.or(DryRun), 'Ends an operation before its work is done; what it has begun is undone.')
  cancelOperation(
    @Param('id') id: string,
    @Query({ schema: DryRunQuery }) query: DryRunQuery,
    @Req() request: FastifyRequest,
  ): Promise<Answer<CancelledOperation | DryRun>> {
    return this.verbs.cancel(id, query, request);
  }

  @Post('operations/:id/retry')
  @Answers(RetriedOperation.or(DryRun), 'Tries again what an operation that failed or was cancelled was to do.')
  retryOperation(
    @Param('id') id: string,
    @Query({ schema: DryRunQuery }) query: DryRunQuery,
    @Req() request: FastifyRequest,
  ): Promise<Answer<RetriedOperation | DryRun>> {
    return this.verbs.retry(id, query, request);
  }

  @Get('operations/:id/events')
  @AnswersText(
    'text/event-stream',
    'The steps of an operation as they happen: "step" events, resumed by Last-Event-ID, and one "end".',
  )
  streamOperation(@Param('id') id: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.stream.send(id, request, reply);
  }
}
