import type { Tx } from '@holdfast/prisma';
import type { BoxState } from '@holdfast/workflows/box/box';
import type { OperationKind } from '@holdfast/workflows/operation/operation';
import { type StepSpec, stepRegistry } from '@holdfast/workflows/operation/step-registry';
import type { WorkspaceStatus } from '@holdfast/workflows/workspace/status';
import type { PlannedTarget } from './dry-run.dto.ts';

/** A workspace that an intake has dealt with. */
export interface Target {
  readonly workspaceId: string;
  /** The operation whose outcome answers for it; null when rows were all there was to change. */
  readonly operationId: string | null;
  /** Left out: what the rows say became of the operation. */
  readonly decision?: PlannedTarget['decision'];
}

interface OperationRow {
  id: string;
  kind: OperationKind;
  decision: PlannedTarget['decision'];
}

/** The number of the newest operation: what an intake inserts comes after it. */
export async function lastOperation(tx: Tx): Promise<bigint> {
  const [row] = await tx.$queryRaw<[{ seq: bigint }]>`SELECT coalesce(max(seq), 0) AS seq FROM operations`;
  return row.seq;
}

/**
 * What an intake has made of its targets, read in its own transaction.
 * @param before the newest operation when the intake began
 */
export async function readPlan(tx: Tx, targets: readonly Target[], before: bigint): Promise<PlannedTarget[]> {
  const ids = targets.map(({ workspaceId }) => workspaceId);
  const workspaces = await tx.$queryRaw<{ id: string; name: string; status: WorkspaceStatus }[]>`
    SELECT id, name, status::text AS status FROM workspaces WHERE id = ANY(${ids}::uuid[])`;
  const boxes = await tx.$queryRaw<
    { id: string; workspaceId: string; backend: string; host: string; state: BoxState }[]
  >`
    SELECT id, workspace_id AS "workspaceId", backend, host, state::text AS state
    FROM boxes WHERE workspace_id = ANY(${ids}::uuid[]) AND state <> 'gone' ORDER BY created_at, id`;
  const operations = await readOperations(tx, targets, before);
  return targets.flatMap(({ workspaceId, operationId, decision }) => {
    const workspace = workspaces.find(({ id }) => id === workspaceId);
    if (!workspace) return [];
    const operation = operations.find(({ id }) => id === operationId);
    return {
      workspace_id: workspaceId,
      name: workspace.name,
      status: workspace.status,
      decision: decision ?? operation?.decision ?? 'direct',
      operation_kind: operation?.kind ?? null,
      steps: operation ? stepsOf(operation.kind) : [],
      boxes: boxes
        .filter((box) => box.workspaceId === workspaceId)
        .map(({ id, backend, host, state }) => ({ id, backend, host, state })),
    };
  });
}

/** An operation that the intake inserted owns its workspace or waits; an older one was joined. */
const readOperations = (tx: Tx, targets: readonly Target[], before: bigint): Promise<OperationRow[]> =>
  tx.$queryRaw<OperationRow[]>`
    SELECT o.id, o.kind::text AS kind,
           CASE WHEN o.seq <= ${before} THEN 'join'
                WHEN w.operation_id IS DISTINCT FROM o.id THEN 'queue'
                WHEN EXISTS (SELECT 1 FROM operations s WHERE s.workspace_id = o.workspace_id AND s.superseded_by = o.id) THEN 'preempt'
                ELSE 'run' END AS decision
    FROM operations o LEFT JOIN workspaces w ON w.id = o.workspace_id
    WHERE o.id = ANY(${targets.flatMap(({ operationId }) => operationId ?? [])}::uuid[])`;

/** The steps every operation ends with, wherever the registry has them. */
const last: readonly string[] = [stepRegistry.lookAtOperation.step, stepRegistry.finishOperation.step];

function stepsOf(kind: OperationKind): string[] {
  const steps = Object.values<StepSpec>(stepRegistry)
    .filter(({ of }) => of.includes(kind))
    .map(({ step }) => step);
  return [...steps.filter((step) => !last.includes(step)), ...last.filter((step) => steps.includes(step))];
}
