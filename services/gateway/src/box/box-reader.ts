import { Inject, Injectable } from '@nestjs/common';
import type { Box, Database, Operation } from '@holdfast/prisma';
import { DATABASE } from '../core/parts.ts';
import type { BoxList, BoxQuery, BoxView } from './box.dto.ts';

/** An operation that touched a box. */
interface Touch extends Pick<Operation, 'id' | 'kind' | 'state' | 'acceptedAt'> {
  readonly boxId: string;
}

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
    const [workspaces, touches] = await Promise.all([
      this.db.workspace.findMany({ where: { id: { in: ids } }, select: { id: true, name: true, boxId: true } }),
      this.touches(boxes.map(({ id }) => id)),
    ]);
    const named = new Map(workspaces.map((workspace) => [workspace.id, workspace]));
    const touching = Map.groupBy(touches, ({ boxId }) => boxId);
    return boxes.map((box) => boxView(box, named.get(box.workspaceId), touching.get(box.id) ?? []));
  }

  /** The last operations of each box, oldest first. One that began can have touched every box that was not gone before. */
  private touches(boxIds: readonly string[]): Promise<Touch[]> {
    return this.db.$queryRaw<Touch[]>`
      SELECT b.id AS "boxId", o.id, o.kind::text AS kind, o.state::text AS state, o.accepted_at AS "acceptedAt"
      FROM boxes b CROSS JOIN LATERAL (
        SELECT * FROM operations WHERE workspace_id = b.workspace_id AND (
          id = b.operation_id
          OR began_at <= coalesce(b.gone_at, 'infinity') AND coalesce(ended_at, 'infinity') >= b.created_at)
        ORDER BY seq DESC LIMIT ${MOST_TOUCHES}) o
      WHERE b.id = ANY(${boxIds}::uuid[]) ORDER BY o.seq`;
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
    operations: operations.map(({ id, kind, state, acceptedAt }) => ({
      id,
      kind,
      state,
      accepted_at: acceptedAt.toISOString(),
      made_it: id === box.operationId,
    })),
  };
}
