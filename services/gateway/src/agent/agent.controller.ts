import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Answer } from '../http/answer.ts';
import { Answers, NoStore } from '../openapi/answers.ts';
import { HeardHeartbeat, Heartbeat, RegisterAgent, RegisteredAgent, UpdateCard, UpdatedCard } from './agent.dto.ts';
import { RegistryService } from './registry.service.ts';

@ApiTags('agents')
@Controller('registry')
export class AgentController {
  constructor(private readonly registry: RegistryService) {}

  @Post('register')
  @HttpCode(200)
  @NoStore()
  @Answers(RegisteredAgent, 'An agent comes online: where it is and what it can do.')
  registerAgent(
    @Body({ schema: RegisterAgent }) body: RegisterAgent,
    @Req() request: FastifyRequest,
  ): Promise<Answer<RegisteredAgent>> {
    return this.registry.register(body, request);
  }

  @Post('heartbeat')
  @HttpCode(200)
  @NoStore()
  @Answers(HeardHeartbeat, 'An agent is alive, and how it is.')
  heartbeat(@Body({ schema: Heartbeat }) body: Heartbeat, @Req() request: FastifyRequest): Promise<HeardHeartbeat> {
    return this.registry.beat(body, request);
  }

  @Post('update-card')
  @HttpCode(200)
  @Answers(UpdatedCard, 'Replaces what an agent says about itself.')
  updateCard(
    @Body({ schema: UpdateCard }) body: UpdateCard,
    @Req() request: FastifyRequest,
  ): Promise<Answer<UpdatedCard>> {
    return this.registry.updateCard(body, request);
  }
}
