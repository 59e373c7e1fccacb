import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Answers, AnswersText } from '../openapi/answers.ts';
import { OperationDetail, OperationList, OperationQuery } from './operation.dto.ts';
import { OperationReader } from './operation-reader.ts';
import { OperationStream } from './operation-stream.ts';

@ApiTags('operations')
@Controller()
export class OperationController {
  constructor(
    private readonly operations: OperationReader,
    private readonly stream: OperationStream,
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

  @Get('operations/:id/events')
  @AnswersText(
    'text/event-stream',
    'The steps of an operation as they happen: "step" events, resumed by Last-Event-ID, and one "end".',
  )
  streamOperation(@Param('id') id: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.stream.send(id, request, reply);
  }
}
