import { randomUUID } from 'node:crypto';
import { Prisma, type Tx } from '@holdfast/prisma';
import { intakeMatrix } from '@holdfast/workflows/operation/matrix';
import { fromSet, target } from '@holdfast/workflows/workspace/lifecycle';
import { hasOwnBox } from '@holdfast/workflows/workspace/status';
import { recordEvents } from '../event/event-records.ts';
import { insertOperations, type OpenOwners, openOwners } from '../operation/intake-many.ts';
import { holdSecretReaders } from '../secret/global-change.ts';
import { hasBackend } from './guards.ts';
import { clearAddress } from './status-change.ts';
import { lockWorkspaces, type WorkspaceRow } from './workspace-row.ts';

export interface GlobalChange {
  /** Of the secret. */
  readonly key: string;
  readonly actor: string;
  readonly reason: string;
}

/** A workspace with the restart that follows the change. */
export interface Restarted {
  readonly workspaceId: string;
  readonly operationId: string;
}

/**
 * Restarts every workspace that a changed global secret reaches, as `requestRestartAfter` would each of them: those
 * without a secret of that name of their own. A handful of statements, however many there are: a fleet must not make the
 * change itself impossible.
 * @returns what it asked for; the workspaces are to be poked
 */
export async function requestRestartsAfterGlobalChange(tx: Tx, change: GlobalChange): Promise<Restarted[]> {
  await holdSecretReaders(tx);
  const reached = await lockReached(tx, change.key);
  const hidden = await belowPaused(tx, reached);
  const canRun = await hasBackend(tx, { backend: null, host: null });
  const wanted = reached.filter(
    ({ id, runtime, backend, host }) => hasOwnBox(runtime) && !hidden.has(id) && (canRun || Boolean(backend && host)),
  );
  const owners = await openOwners(tx, wanted);
  const taken = wanted
    .filter((row) => decisionOf(row, owners) !== 'notFound')
    .map((row) => ({ row, id: randomUUID() }));
  const { actor, reason } = change;
  await insertOperations(tx, taken, { kind: 'restart', actor, reason });
  await begin(
    tx,
    taken.filter(({ row }) => decisionOf(row, owners) === 'run'),
  );
  return taken.map(({ row, id }) => ({ workspaceId: row.id, operationId: id }));
}

const decisionOf = ({ id }: WorkspaceRow, owners: OpenOwners) => intakeMatrix[owners.get(id) ?? 'none'].restart;

/** Those above are held as well, and all in order: a tree that is paused meanwhile takes them the same way. */
async function lockReached(tx: Tx, key: string): Promise<WorkspaceRow[]> {
  const ids = await tx.$queryRaw<{ id: string; isReached: boolean }[]>`
    WITH RECURSIVE reached (id, parent_id) AS (
      SELECT id, parent_id FROM workspaces w WHERE w.status::text = ANY(${fromSet('restart')}::text[])
        AND NOT EXISTS (SELECT 1 FROM workspace_secrets s WHERE s.workspace_id = w.id AND s.key = ${key})
    ), up (id, parent_id) AS (
      SELECT id, parent_id FROM reached
      UNION
      SELECT w.id, w.parent_id FROM up JOIN workspaces w ON w.id = up.parent_id
    )
    SELECT id, id IN (SELECT id FROM reached) AS "isReached" FROM up`;
  const reached = new Set(ids.filter(({ isReached }) => isReached).map(({ id }) => id));
  const rows = await lockWorkspaces(
    tx,
    ids.map(({ id }) => id),
  );
  return rows.filter(({ id, status }) => reached.has(id) && fromSet('restart').includes(status));
}

/** Those with a paused workspace above them: they come up again with it, and read the secrets then. */
async function belowPaused(tx: Tx, rows: readonly WorkspaceRow[]): Promise<Set<string>> {
  const hidden = await tx.$queryRaw<{ start: string }[]>`
    WITH RECURSIVE up (start, id, parent_id, status) AS (
      SELECT id, id, parent_id, NULL::workspace_status FROM workspaces WHERE id = ANY(${rows.map(({ id }) => id)}::uuid[])
      UNION
      SELECT up.start, w.id, w.parent_id, w.status FROM up JOIN workspaces w ON w.id = up.parent_id
    )
    SELECT DISTINCT start FROM up WHERE status = 'paused'`;
  return new Set(hidden.map(({ start }) => start));
}

/** The status and the event of those that nothing runs on; what waits gets them with its turn. */
async function begin(tx: Tx, taken: readonly { row: WorkspaceRow; id: string }[]): Promise<void> {
  const operationIds = taken.map(({ id }) => id);
  const workspaceIds = taken.map(({ row }) => row.id);
  await tx.$executeRaw`
    UPDATE workspaces SET operation_id = g.operation_id, status = ${target('restart')}::workspace_status,
      updated_at = clock_timestamp() ${clearAddress}
    FROM unnest(${operationIds}::uuid[], ${workspaceIds}::uuid[]) AS g(operation_id, workspace_id)
    WHERE workspaces.id = g.workspace_id AND ${Prisma.sql`status::text = ANY(${fromSet('restart')}::text[])`}`;
  await recordEvents(
    tx,
    taken.map(({ row: { id: workspaceId, name, tier, runtime }, id }) => ({
      workspaceId,
      type: 'WORKSPACE_PROVISIONING',
      payload: { name, tier, runtime },
      key: `${id}:provisioning`,
    })),
  );
}
