import { Body, Controller, Get, Inject, Param, Patch, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Budget, readBudget, writeBudget } from '@holdfast/activities/workspace/budget';
import type { Database } from '@holdfast/prisma';
import type { FastifyRequest } from 'fastify';
import { DATABASE } from '../core/parts.ts';
import { DryRun, DryRunQuery } from '../dry-run/dry-run.dto.ts';
import { Requests } from '../dry-run/requests.ts';
import { Answer } from '../http/answer.ts';
import { Answers } from '../openapi/answers.ts';
import { BudgetView, PatchBudget } from './budget.dto.ts';

@ApiTags('workspaces')
@Controller('workspaces/:id/budget')
export class BudgetController {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    private readonly requests: Requests,
  ) {}

  @Get()
  @Answers(BudgetView, 'What a workspace may spend a month, and what it has spent.')
  async getBudget(@Param('id') id: string): Promise<BudgetView> {
    return budgetView(await readBudget(this.db, id));
  }

  @Patch()
  @Answers(BudgetView.or(DryRun), 'Sets or clears what a workspace may spend a month.')
  patchBudget(
    @Param('id') id: string,
    @Body({ schema: PatchBudget }) body: PatchBudget,
    @Query({ schema: DryRunQuery }) query: DryRunQuery,
    @Req() request: FastifyRequest,
  ): Promise<Answer<BudgetView | DryRun>> {
    return this.requests.take<BudgetView>(request, 'set-budget', query, async (tx) => {
      const budget = budgetView(await writeBudget(tx, id, body.budget_limit));
      return {
        answer: new Answer(200, budget),
        status: 'updated',
        targets: [{ workspaceId: id, operationId: null }],
        change: budget,
      };
    });
  }
}

const budgetView = ({ limit, spend }: Budget): BudgetView => ({
  budget_limit: limit,
  monthly_spend: spend,
  budget_remaining: limit === null ? null : limit - spend,
});
