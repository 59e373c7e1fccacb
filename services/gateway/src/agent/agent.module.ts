import { Module } from '@nestjs/common';
import { AgentController } from './agent.controller.ts';
import { RegistryService } from './registry.service.ts';

@Module({ controllers: [AgentController], providers: [RegistryService] })
export class AgentModule {}
