import type { Database } from '@holdfast/prisma';
import type { WorkspacePoker } from './poker.ts';

export interface DispatchReport {
  readonly poked: number;
  readonly failed: number;
}

/** Most workspaces one tick pokes. */
const BATCH = 100;

/**
 * The safety net of the pokes: finds accepted operations nobody began, and runs that wait for an agent that has
 * registered, whose box is said to have crashed, or that somebody asked to end, and pokes them again. Backs off to a minute, so that a missing worker never fills a history with signals.
 */
export async function dispatch(db: Database, poker: WorkspacePoker): Promise<DispatchReport> {
  const due = await db.$queryRaw<{ workspace_id: string }[]>`
    UPDATE operations SET pokes = pokes + 1,
      next_poke_at = clock_timestamp() + least(60, 2 * power(2, least(pokes, 6))) * interval '1 second'
    WHERE id IN (
      SELECT o.id FROM operations o JOIN workspaces w ON w.id = o.workspace_id AND w.operation_id = o.id
      WHERE (o.next_poke_at IS NULL OR o.next_poke_at <= clock_timestamp()) AND (
        o.state = 'accepted'
        OR (o.state = 'running' AND o.cancel_requested_at < clock_timestamp() - interval '2 seconds')
        OR (o.state = 'running' AND EXISTS (
              SELECT 1 FROM boxes b WHERE b.operation_id = o.id AND b.cycle = o.cycle AND b.registered_at IS NOT NULL
                AND b.registered_at < clock_timestamp() - interval '1 second' AND b.state IN ('creating', 'running')))
        OR (o.state = 'running' AND w.status = 'failed' AND w.box_operation_id = o.id)
        OR (o.state = 'running' AND EXISTS (
              SELECT 1 FROM operations q WHERE q.workspace_id = o.workspace_id AND q.state = 'accepted'
                AND q.accepted_at < clock_timestamp() - interval '2 seconds')))
      ORDER BY o.next_poke_at NULLS FIRST LIMIT ${BATCH} FOR UPDATE OF o SKIP LOCKED)
    RETURNING workspace_id`;
  const results = await Promise.allSettled(due.map(({ workspace_id }) => poker.poke(workspace_id)));
  const failed = results.filter(({ status }) => status === 'rejected').length;
  return { poked: due.length - failed, failed };
}
