import { Inject, Injectable } from '@nestjs/common';
import { Refusal } from '@holdfast/activities/failure/refusal';
import type { Database, Operation, Prisma } from '@holdfast/prisma';
import { openStates } from '@holdfast/workflows/operation/operation';
import { type Caller, isOperator } from '../auth/caller.ts';
import { DATABASE } from '../core/parts.ts';
import type { OperationDetail, OperationList, OperationQuery } from './operation.dto.ts';
import { operationView, stepView } from './operation-view.ts';

/** Reads of operations: from Postgres alone, never by asking a workflow. */
@Injectable()
export class OperationReader {
  constructor(@Inject(DATABASE) private readonly db: Database) {}

  async list(query: OperationQuery, workspaceId?: string): Promise<OperationList> {
    const rows = await this.db.operation.findMany({
      where: { AND: [...given({ workspaceId }), ...filtersOf(query)] },
      orderBy: { seq: 'desc' },
      take: query.limit,
    });
    return rows.map(operationView);
  }

  async get(id: string, caller: Caller): Promise<OperationDetail> {
    const row = await this.visible(id, caller);
    const steps = await this.db.operationStep.findMany({ where: { operationId: id }, orderBy: { seq: 'asc' } });
    return { ...operationView(row), steps: steps.map(stepView) };
  }

  /**
   * The row of an operation the caller may see. An agent sees its own workspace's, and learns of no other.
   * @throws Refusal OPERATION_NOT_FOUND
   */
  async visible(id: string, caller: Caller): Promise<Operation> {
    const row = await this.db.operation.findUnique({ where: { id } });
    const mayRead = isOperator(caller) || (caller.kind === 'workspace' && caller.workspaceId === row?.workspaceId);
    if (!row || !mayRead) throw new Refusal('OPERATION_NOT_FOUND', 'operation not found');
    return row;
  }
}

const filtersOf = (query: OperationQuery): Prisma.OperationWhereInput[] => [
  ...given({ workspaceId: query.workspace_id }),
  ...given({ state: query.state === 'open' ? { in: [...openStates] } : query.state }),
  ...given({ kind: query.kind }),
  ...given({ actor: query.actor }),
  ...given({ parentId: query.parent_id }),
  ...given({ failureCode: query.failure_code }),
  ...(query.since === undefined ? [] : [{ acceptedAt: { gte: query.since } }]),
  ...(query.until === undefined ? [] : [{ acceptedAt: { lt: query.until } }]),
  ...(query.before === undefined ? [] : [{ seq: { lt: query.before } }]),
];

/** A condition on one column; none when there is no value: what is left out narrows nothing. */
function given<T extends Record<string, unknown>>(condition: T): { [K in keyof T]: Exclude<T[K], undefined> }[] {
  return Object.values(condition).includes(undefined) ? [] : [condition as never];
}
