import { Module } from '@nestjs/common';
import { BootstrapFailureController } from './bootstrap-failure.controller.ts';
import { BringUpService } from './bring-up.service.ts';
import { BudgetController } from './budget.controller.ts';
import { DeletionOutcome } from './deletion-outcome.ts';
import { HibernationService } from './hibernation.service.ts';
import { SwitchController } from './switch.controller.ts';
import { SwitchService } from './switch.service.ts';
import { TreeService } from './tree.service.ts';
import { VerbController } from './verb.controller.ts';
import { WorkspaceDeletion } from './workspace-deletion.ts';
import { WorkspaceReader } from './workspace-reader.ts';
import { WorkspaceController } from './workspace.controller.ts';
import { WorkspaceService } from './workspace.service.ts';

@Module({
  controllers: [WorkspaceController, VerbController, SwitchController, BudgetController, BootstrapFailureController],
  providers: [
    BringUpService,
    DeletionOutcome,
    HibernationService,
    SwitchService,
    TreeService,
    WorkspaceDeletion,
    WorkspaceReader,
    WorkspaceService,
  ],
})
export class WorkspaceModule {}
