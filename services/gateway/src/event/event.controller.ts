import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Answers, AnswersText } from '../openapi/answers.ts';
import { EventsView } from './event.dto.ts';
import { EventReader } from './event-reader.ts';
import { EventSockets } from './event-sockets.ts';
import { WorkspaceEventStream } from './workspace-event-stream.ts';

@ApiTags('events')
@Controller()
export class EventController {
  constructor(
    private readonly events: EventReader,
    private readonly stream: WorkspaceEventStream,
    private readonly sockets: EventSockets,
  ) {}

  @Get('events')
  @Answers(EventsView, 'The newest hundred recorded events.')
  listEvents(): Promise<EventsView> {
    return this.events.list();
  }

  @Get('events/:workspaceId')
  @Answers(EventsView, 'The newest hundred recorded events of a workspace; also after it was purged.')
  listWorkspaceEvents(@Param('workspaceId') workspaceId: string): Promise<EventsView> {
    return this.events.list(workspaceId);
  }

  @Get('workspaces/:id/events/stream')
  @AnswersText(
    'text/event-stream',
    'Events of a workspace as they happen; recorded ones have ids and resume by Last-Event-ID.',
  )
  streamWorkspaceEvents(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.stream.send(id, request, reply);
  }

  @Get('ws')
  @AnswersText('text/plain', 'A WebSocket that sends every event the caller may see.')
  openSocket(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.sockets.open(request, reply);
  }
}
