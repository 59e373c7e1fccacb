import { Module } from '@nestjs/common';
import { AdminSecretController, GlobalSecretController } from './global-secret.controller.ts';
import { GlobalSecretService } from './global-secret.service.ts';
import { WorkspaceSecretController } from './workspace-secret.controller.ts';
import { WorkspaceSecretService } from './workspace-secret.service.ts';

@Module({
  controllers: [WorkspaceSecretController, GlobalSecretController, AdminSecretController],
  providers: [WorkspaceSecretService, GlobalSecretService],
})
export class SecretModule {}
