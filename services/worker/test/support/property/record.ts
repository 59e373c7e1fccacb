import type { Database } from '@holdfast/prisma';
import type { OperationKind, OperationState } from '@holdfast/workflows/operation/operation';
import { type Change, readAudit } from './audit.ts';
import type { LogLine } from './step-log.ts';

export interface OperationFact {
  readonly id: string;
  readonly seq: number;
  readonly workspaceId: string;
  readonly kind: OperationKind;
  readonly state: OperationState;
  readonly priorStatus: string | null;
  readonly failureCode: string | null;
  readonly coalescedInto: string | null;
  readonly cycle: number;
  readonly runId: string | null;
  /** When it was inserted, under the lock of its workspace; milliseconds since the epoch, as all times here. */
  readonly acceptedAt: number;
  /** It was the owner of its workspace once; else it only ever waited. */
  readonly hasOwned: boolean;
}

export interface WorkspaceFact {
  readonly id: string;
  readonly parentId: string | null;
  readonly status: string;
  readonly operationId: string | null;
  readonly boxId: string | null;
  /** The cloud it is to be in. */
  readonly provider: string;
}

export interface BoxFact {
  readonly id: string;
  readonly workspaceId: string;
  readonly operationId: string;
  readonly cycle: number;
  readonly state: string;
  readonly isRegistered: boolean;
  /** The cloud it was asked of; null where there are none. */
  readonly provider: string | null;
}

/** One line of an operation's progress. */
export interface ProgressFact {
  readonly operationId: string;
  readonly step: string;
  readonly cycle: number;
  readonly state: string;
  readonly at: number;
}

/** All that is known of a run of the property test once nothing moves any more; what the rules judge. */
export interface PropertyRecord {
  readonly audit: readonly Change[];
  readonly operations: readonly OperationFact[];
  readonly workspaces: readonly WorkspaceFact[];
  readonly boxes: readonly BoxFact[];
  readonly progress: readonly ProgressFact[];
  readonly log: readonly LogLine[];
  /** The boxes that are really there. */
  readonly real: readonly { readonly boxId: string; readonly provider?: string }[];
  /** The operations that callers were told of. */
  readonly told: readonly string[];
  /** Runs that were terminated by hand. */
  readonly terminated: ReadonlySet<string>;
}

export type FromOutside = Pick<PropertyRecord, 'log' | 'real' | 'told' | 'terminated'>;

export async function readRecord(db: Database, outside: FromOutside): Promise<PropertyRecord> {
  const [audit, operations, workspaces, boxes, progress] = await Promise.all([
    readAudit(db),
    db.operation.findMany({ orderBy: { seq: 'asc' } }),
    db.workspace.findMany(),
    db.box.findMany(),
    // To the microsecond: a millisecond is long enough for two transactions.
    db.$queryRaw<ProgressFact[]>`
      SELECT operation_id AS "operationId", step, cycle, state, (extract(epoch FROM at) * 1000)::float8 AS at
      FROM operation_steps ORDER BY operation_id, seq`,
  ]);
  const inserted = new Map(
    audit.flatMap(({ table, id, before, at }) =>
      table === 'operations' && before === null ? [[id, at] as const] : [],
    ),
  );
  const owners = new Set(
    audit.flatMap(({ table, after }) => (table === 'workspaces' ? [after?.['operation_id']] : [])),
  );
  return {
    ...outside,
    audit,
    progress,
    operations: operations.map(({ seq, ...operation }) => ({
      ...operation,
      seq: Number(seq),
      acceptedAt: inserted.get(operation.id) ?? operation.acceptedAt.getTime(),
      hasOwned: owners.has(operation.id),
    })),
    workspaces: workspaces.map(({ id, parentId, status, operationId, boxId, compute }) => ({
      id,
      parentId,
      status,
      operationId,
      boxId,
      provider: (compute as { provider?: string } | null)?.provider ?? 'aws',
    })),
    boxes: boxes.map(({ registeredAt, ...box }) => ({ ...box, isRegistered: registeredAt !== null })),
  };
}
