import type { Compute } from './backend.ts';
import { type Database, Prisma } from '@holdfast/prisma';
import type { CloudProvider } from '@holdfast/workflows/box/box';
import type { OperationKind } from '@holdfast/workflows/operation/operation';
import { refuse } from '@holdfast/workflows/failure/codes';
import { cloudOfW } from '../workspace/workspace-row.ts';

/** What a box takes from its workspace's row, and from the operation that asks for it. */
export interface BoxRow {
  readonly id: string;
  readonly name: string;
  readonly role: string | null;
  readonly tier: number;
  readonly runtime: string;
  readonly template: string | null;
  readonly model: string | null;
  readonly parentId: string | null;
  /** Where its boxes are; null until it has had one. */
  readonly backend: string | null;
  readonly compute: Compute | null;
  /** The cloud that the next box is for: of a switch that has not moved the workspace yet, the one it moves to. */
  readonly provider: CloudProvider;
  readonly awarenessNamespace: string | null;
  readonly workspaceDir: string | null;
  readonly workspaceAccess: 'none' | 'read_only' | 'read_write';
  readonly kind: OperationKind;
  /** The running cycle was asked for a fresh session. */
  readonly reset: boolean;
  /** The template it was asked to apply; null leaves the configuration alone. */
  readonly chosenTemplate: string | null;
  /** The last template that a box was started with because a restart asked for it. */
  readonly appliedTemplate: string | null;
  /** A box of this workspace has run before: its configuration is its own. */
  readonly hasRun: boolean;
}

const nextCloud = Prisma.sql`CASE
  WHEN o.kind = 'switch' AND NOT EXISTS (
    SELECT 1 FROM operation_steps s WHERE s.operation_id = o.id AND s.step = 'move' AND s.state = 'done')
  THEN o.request->>'provider_to' ELSE ${cloudOfW} END`;

/** Everything is read from the rows: what a request once said of a workspace holds for every later bring-up, too. */
export async function readBoxRow(db: Database, workspaceId: string, operationId: string): Promise<BoxRow> {
  const [row] = await db.$queryRaw<BoxRow[]>`
    SELECT w.id, w.name, w.role, w.tier, w.runtime, w.template, w.model, w.parent_id AS "parentId", w.backend, w.compute,
           ${nextCloud} AS provider,
           w.awareness_namespace AS "awarenessNamespace", w.workspace_dir AS "workspaceDir",
           w.workspace_access::text AS "workspaceAccess", o.kind::text AS kind,
           coalesce(o.cycle_request->>'reset', '') = 'true' AS reset, o.cycle_request->>'template' AS "chosenTemplate",
           (SELECT a.request->>'template' FROM operations a
            WHERE a.workspace_id = w.id AND a.request->>'template' IS NOT NULL AND EXISTS (
              SELECT 1 FROM boxes b WHERE b.started_at IS NOT NULL
                AND b.operation_id = coalesce(a.coalesced_into, a.id) AND b.cycle = coalesce(a.coalesced_cycle, 1))
            ORDER BY a.seq DESC LIMIT 1) AS "appliedTemplate",
           EXISTS (SELECT 1 FROM boxes b WHERE b.workspace_id = w.id AND b.started_at IS NOT NULL) AS "hasRun"
    FROM workspaces w JOIN operations o ON o.id = ${operationId}::uuid
    WHERE w.id = ${workspaceId}::uuid`;
  if (!row) refuse('WORKSPACE_NOT_FOUND');
  return row;
}
