import type { Database } from '@holdfast/prisma';
import type { OperationSettings } from '@holdfast/workflows/operation/operation';
import type { RunRef, Situation } from '@holdfast/workflows/operation/ports';
import { failures } from '@holdfast/workflows/failure/failures';
import { lockWorkspace } from '../workspace/workspace-row.ts';
import { coalescedKinds } from '@holdfast/workflows/operation/operation';
import { recordStep } from './steps.ts';

/**
 * Makes this run the one that carries the operation out. A superseded operation is never revived, and a second run of
 * the same operation is refused: the run id is the fence.
 */
export async function beginOperation(
  db: Database,
  run: RunRef,
  settings: OperationSettings,
): Promise<OperationSettings | null> {
  return db.$transaction(async (tx) => {
    await lockWorkspace(tx, run.workspaceId);
    const begun = await tx.$executeRaw`
      UPDATE operations SET state = 'running', run_id = ${run.runId}, began_at = coalesce(began_at, clock_timestamp()),
        pokes = CASE state WHEN 'accepted' THEN 0 ELSE pokes END, next_poke_at = CASE state WHEN 'accepted' THEN NULL ELSE next_poke_at END
      WHERE id = ${run.operationId}::uuid AND (
        (state = 'accepted' AND EXISTS (
          SELECT 1 FROM workspaces WHERE id = ${run.workspaceId}::uuid AND operation_id = ${run.operationId}::uuid))
        OR (state = 'running' AND run_id = ${run.runId}))`;
    if (begun === 0) return null;
    await recordStep(tx, { operationId: run.operationId, cycle: 0, step: 'begin', state: 'done' });
    return settings;
  });
}

/** What the run must know now. Unlocked: it only decides whether to look closer. */
export async function lookAtOperation(db: Database, run: RunRef & { cycle: number }): Promise<Situation> {
  const [now] = await db.$queryRaw<[Situation]>`
    SELECT NOT EXISTS (
             SELECT 1 FROM operations o
             WHERE o.id = ${run.operationId}::uuid AND o.state = 'running' AND o.run_id = ${run.runId}
               AND (EXISTS (SELECT 1 FROM workspaces w WHERE w.id = o.workspace_id AND w.operation_id = o.id)
                    OR NOT EXISTS (SELECT 1 FROM workspaces w WHERE w.id = o.workspace_id))
           ) AS superseded,
           EXISTS (
             SELECT 1 FROM operations
             WHERE workspace_id = ${run.workspaceId}::uuid AND state = 'accepted' AND id <> ${run.operationId}::uuid
               AND kind::text = ANY(${coalescedKinds}::text[])
           ) AS queued,
           EXISTS (
             SELECT 1 FROM boxes
             WHERE operation_id = ${run.operationId}::uuid AND cycle = ${run.cycle} AND registered_at IS NOT NULL
               AND state IN ('creating', 'running')
           ) AS online,
           (SELECT ${failures.BOOT_FAILED.says}::text FROM workspaces w
            WHERE w.id = ${run.workspaceId}::uuid AND w.status = 'failed' AND w.operation_id = ${run.operationId}::uuid
              AND w.box_operation_id = w.operation_id) AS "bootFailure"`;
  return now;
}
