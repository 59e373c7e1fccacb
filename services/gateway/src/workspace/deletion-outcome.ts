import { Inject, Injectable } from '@nestjs/common';
import { Refusal } from '@holdfast/activities/failure/refusal';
import type { Database, Operation } from '@holdfast/prisma';
import { isEnded } from '@holdfast/workflows/operation/operation';
import { DATABASE } from '../core/parts.ts';
import { Answer } from '../http/answer.ts';
import type { DeletedWorkspace } from './workspace.dto.ts';

/** What a delete was taken in as. */
export interface Deletion {
  readonly workspaceId: string;
  /** What the request is called. */
  readonly operationId: string;
  /** Everything that goes with it. */
  readonly workspaceIds: readonly string[];
  readonly operationIds: readonly string[];
  readonly purge: boolean;
}

type Ended = Pick<Operation, 'state' | 'failureText'>;

/** What has come of a delete, as the rows of now say it. */
@Injectable()
export class DeletionOutcome {
  constructor(@Inject(DATABASE) private readonly db: Database) {}

  /** @throws Refusal DELETE_INCOMPLETE when something of it failed and is left */
  async answer(deletion: Deletion): Promise<Answer<DeletedWorkspace>> {
    const operations = await this.db.operation.findMany({
      where: { id: { in: [...deletion.operationIds] } },
      select: { state: true, failureText: true },
      orderBy: { seq: 'asc' },
    });
    const known = operations.every(({ state }) => isEnded(state));
    if (known && operations.some(({ state }) => state !== 'succeeded')) await this.refuseLeft(deletion, operations);
    const status = known && deletion.purge && (await this.isErased(deletion)) ? 'purged' : 'removed';
    const { workspaceId, workspaceIds, operationId } = deletion;
    const below = workspaceIds.filter((id) => id !== workspaceId);
    return new Answer(200, { status, cascade_deleted: below.length, operation_id: operationId });
  }

  /** What could not be stopped is owed, the rows stay removed, and repeating the request is safe. */
  private async refuseLeft(deletion: Deletion, operations: readonly Ended[]): Promise<void> {
    const left = await this.db.box.count({
      where: { workspaceId: { in: [...deletion.workspaceIds] }, state: { not: 'gone' } },
    });
    const facts = {
      removed_count: deletion.workspaceIds.length,
      stop_failures: left,
      operation_id: deletion.operationId,
    };
    if (left > 0) {
      const causes = operations.flatMap(({ state, failureText }) =>
        state === 'succeeded' ? [] : (failureText ?? state),
      );
      const text = `workspace marked removed, but ${left} stop call(s) failed — please retry: ${causes.join('; ')}`;
      throw new Refusal('DELETE_INCOMPLETE', text, facts);
    }
    // Every box is gone by now; what failed besides matters to a purge only.
    if (deletion.purge && !(await this.isErased(deletion)))
      throw new Refusal('DELETE_INCOMPLETE', 'purge failed', facts);
  }

  private async isErased({ workspaceIds }: Deletion): Promise<boolean> {
    return (await this.db.workspace.count({ where: { id: { in: [...workspaceIds] } } })) === 0;
  }
}
