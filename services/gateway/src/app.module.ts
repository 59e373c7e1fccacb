import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { AgentModule } from './agent/agent.module.ts';
import { BoxModule } from './box/box.module.ts';
import { CoreModule } from './core/core.module.ts';
import type { Parts } from './core/parts.ts';
import { EventModule } from './event/event.module.ts';
import { HealthModule } from './health/health.module.ts';
import { SchemaPipe } from './http/schema-pipe.ts';
import { ImageModule } from './image/image.module.ts';
import { OperationModule } from './operation/operation.module.ts';
import { ProblemFilter } from './problem/problem.filter.ts';
import { SecretModule } from './secret/secret.module.ts';
import { TokenModule } from './token/token.module.ts';
import { WorkspaceModule } from './workspace/workspace.module.ts';

/**
 * The gateway. To add a route module:
 *
 * 1. `src/<noun>/<noun>.dto.ts`: a zod schema per body and answer, named by `.meta({ id: 'CreateWorkspace' })`.
 * 2. `src/<noun>/<noun>.controller.ts`: one line per route; `@Answers(Schema, 'What it does.')` documents it, and the
 *    method's name is its operation id in `docs/openapi.json`.
 * 3. `src/<noun>/<noun>.service.ts`: what the lines call. Changes go through `Idempotency.inTransaction`; what
 *    is asked of workspaces goes through `Requests.take`, and so has a dry run. What is wrong is thrown as a `Refusal`,
 *    never as a Nest exception.
 * 4. `src/<noun>/<noun>.module.ts`, listed here; and one row per route in `policy/policy-table.ts`.
 *
 * A handler finds out who calls by `request.caller`, and answers an `Answer` when the status depends on what happened.
 */
@Module({})
export class AppModule {
  static with(parts: Parts): DynamicModule {
    return {
      module: AppModule,
      imports: [
        CoreModule.with(parts),
        HealthModule,
        AgentModule,
        EventModule,
        WorkspaceModule,
        OperationModule,
        BoxModule,
        ImageModule,
        SecretModule,
        TokenModule,
      ],
      providers: [
        { provide: APP_PIPE, useClass: SchemaPipe },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}
