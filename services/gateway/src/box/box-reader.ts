import { Inject, Injectable } from '@nestjs/common';
import type { Box, Database, Operation } from '@holdfast/prisma';
import { DATABASE } from '../core/parts.ts';
import type { BoxList, BoxQuery, BoxView } from './box.dto.ts';

type Touch = Pick<Operation, 'id' | 'kind' | 'state' | 'workspaceId' | 'acceptedAt' | 'beganAt' | 'endedAt'>;

/** Operations listed with a box, at most: the newest. */
const MOST_TOUCHES = 20;

/** Reads of the box ledger. */
@Injectable()
export class BoxReader {
  constructor(@Inject(DATABASE) private readonly db: Database) {}

  async list({ state, workspace_id: workspaceId, limit }: BoxQuery): Promise<BoxList> {
    const boxes = await this.db.box.findMany({
      where: {
        state: state ?? { not: 'gone' },
        ...(workspaceId === undefined ? {} : { workspaceId: workspaceId.toLowerCase() }),
      },
      orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
      take: limit,
    });
    const ids = [...new Set(boxes.map((box) => box.workspaceId))];
    const [workspaces, operations] = await Promise.all([
      this.db.workspace.findMany({ where: { id: { in: ids } }, select: { id: true, name: true, boxId: true } }),
      this.db.operation.findMany({
        where: { workspaceId: { in: ids } },
        select: {
          id: true,
          kind: true,
          state: true,
          workspaceId: true,
          acceptedAt: true,
          beganAt: true,
          endedAt: true,
        },
        orderBy: { seq: 'asc' },
      }),
    ]);
    const named = new Map(workspaces.map((workspace) => [workspace.id, workspace]));
    const touching = Map.groupBy(operations, (operation) => operation.workspaceId);
    return boxes.map((box) => boxView(box, named.get(box.workspaceId), touching.get(box.workspaceId) ?? []));
  }
}

function boxView(
  box: Box,
  workspace: { name: string; boxId: string | null } | undefined,
  operations: readonly Touch[],
): BoxView {
  const moment = (at: Date | null): string | null => at?.toISOString() ?? null;
  return {
    id: box.id,
    workspace_id: box.workspaceId,
    workspace_name: workspace?.name ?? null,
    state: box.state,
    backend: box.backend,
    host: box.host,
    provider: box.provider,
    external_id: box.externalId,
    owner: box.owner,
    current: workspace?.boxId === box.id,
    owed_reason: box.owedReason,
    attempts: box.attempts,
    next_attempt_at: moment(box.nextAttemptAt),
    created_at: box.createdAt.toISOString(),
    started_at: moment(box.startedAt),
    registered_at: moment(box.registeredAt),
    stopping_at: moment(box.stoppingAt),
    gone_at: moment(box.goneAt),
    operations: operations
      .filter((operation) => operation.id === box.operationId || ranWhileThere(operation, box))
      .slice(-MOST_TOUCHES)
      .map(({ id, kind, state, acceptedAt }) => ({
        id,
        kind,
        state,
        accepted_at: acceptedAt.toISOString(),
        made_it: id === box.operationId,
      })),
  };
}

/** An operation that began can have touched every box that was there before it ended. */
const ranWhileThere = (operation: Touch, box: Box): boolean =>
  operation.beganAt !== null &&
  (operation.endedAt === null || operation.endedAt >= box.createdAt) &&
  (box.goneAt === null || operation.beganAt <= box.goneAt);
