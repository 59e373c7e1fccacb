import { Module } from '@nestjs/common';
import { WorkspaceDeletion } from './workspace-deletion.ts';
import { WorkspaceReader } from './workspace-reader.ts';
import { WorkspaceController } from './workspace.controller.ts';
import { WorkspaceService } from './workspace.service.ts';

@Module({ controllers: [WorkspaceController], providers: [WorkspaceDeletion, WorkspaceReader, WorkspaceService] })
export class WorkspaceModule {}
