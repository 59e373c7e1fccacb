import { type Database, Prisma, type Tx } from '@holdfast/prisma';
import { fromSet } from '@holdfast/workflows/workspace/lifecycle';
import type { StartedBox } from './backend.ts';

/** A row of the ledger as the steps that touch boxes see it. */
export interface LedgerRow {
  readonly id: string;
  readonly workspaceId: string;
  readonly backend: string;
  /** The cloud it was asked of; null where there is none to choose. */
  readonly provider: string | null;
  readonly state: 'creating' | 'running' | 'stopping' | 'gone' | 'owed';
  readonly externalId: string | null;
  readonly createdAt: Date;
  readonly createBegunAt: Date | null;
  readonly sealedCredentials: Uint8Array | null;
  readonly attempts: number;
}

/** The columns of a `LedgerRow`. */
export const ledgerColumns = Prisma.sql`id, workspace_id AS "workspaceId", backend, provider, state::text AS state, external_id AS "externalId", created_at AS "createdAt", create_begun_at AS "createBegunAt", sealed_credentials AS "sealedCredentials", attempts`;

/** Which box is started, for which operation. */
export interface StartOrder {
  readonly boxId: string;
  readonly workspaceId: string;
  readonly operationId: string;
}

/** A create that may now be begun. */
export interface BegunCreate {
  readonly box: LedgerRow;
  readonly begunAt: Date;
  /** An attempt before this one has left its create unanswered. */
  readonly isUnanswered: boolean;
}

/**
 * Notes that a create is under way, before the backend hears of it. `running`: it has been done already;
 * `superseded`: it is not to be done any more.
 */
export async function beginCreate(db: Database, order: StartOrder): Promise<BegunCreate | 'running' | 'superseded'> {
  return db.$transaction(async (tx) => {
    const { box, isWanted } = await lockBox(tx, order);
    if (box?.state === 'running') return 'running';
    if (!box || !isWanted) return 'superseded';
    const [begun] = await tx.$queryRaw<[{ at: Date }]>`
      UPDATE boxes SET create_begun_at = date_trunc('milliseconds', clock_timestamp()) WHERE id = ${box.id}::uuid
      RETURNING create_begun_at AS at`;
    return { box, begunAt: begun.at, isUnanswered: box.createBegunAt !== null };
  });
}

/** Notes that the create has ended one way or another: the backend has nothing more of it under way. */
export async function endCreate(db: Database, { box, begunAt, isUnanswered }: BegunCreate): Promise<void> {
  if (isUnanswered) return;
  await db.$executeRaw`UPDATE boxes SET create_begun_at = NULL WHERE id = ${box.id}::uuid AND create_begun_at = ${begunAt}`;
}

/**
 * Notes that the box runs, and where the platform reaches it. `superseded`: it was to be stopped meanwhile, and whoever
 * did that may not have found it.
 */
export async function recordStart(
  db: Database,
  order: StartOrder,
  started: StartedBox,
): Promise<'running' | 'superseded'> {
  return db.$transaction(async (tx) => {
    const { box, isWanted } = await lockBox(tx, order);
    if (box?.state === 'running') return 'running';
    if (!box || !isWanted) {
      await disown(tx, order, started);
      return 'superseded';
    }
    const internalUrl = started.internalUrl ?? started.url;
    await tx.$executeRaw`
      UPDATE boxes SET state = 'running', external_id = ${started.externalId}, url = ${started.url}, internal_url = ${internalUrl}, create_begun_at = NULL,
        started_at = clock_timestamp()
      WHERE id = ${box.id}::uuid`;
    // The agent may have registered by now; what our own backend says of its address still counts more.
    await tx.$executeRaw`
      UPDATE workspaces SET url = coalesce(nullif(${started.url}, ''), url), internal_url = coalesce(nullif(${internalUrl}, ''), internal_url),
        instance_id = CASE WHEN backend = 'control-plane' THEN ${started.externalId} ELSE instance_id END
      WHERE id = ${order.workspaceId}::uuid AND operation_id = ${order.operationId}::uuid
        AND status::text = ANY(${fromSet('register')}::text[])`;
    return 'running';
  });
}

/**
 * Marks a box that lost its operation as being stopped, and the row as being without it. One that was believed gone,
 * because nobody found it, is owed again: there it is. What its backend calls it is kept: it may be the only pointer.
 */
async function disown(tx: Tx, { boxId, workspaceId }: StartOrder, { externalId }: StartedBox): Promise<void> {
  await tx.$executeRaw`
    UPDATE boxes SET external_id = ${externalId} WHERE id = ${boxId}::uuid AND external_id IS NULL`;
  await tx.$executeRaw`
    UPDATE workspaces SET instance_id = ${externalId}
    WHERE id = ${workspaceId}::uuid AND status = 'removed' AND instance_id IS NULL AND backend = 'control-plane'`;
  await tx.$executeRaw`
    UPDATE workspaces SET box_id = NULL, box_operation_id = NULL WHERE id = ${workspaceId}::uuid AND box_id = ${boxId}::uuid`;
  await tx.$executeRaw`
    UPDATE boxes SET state = 'stopping', stopping_at = clock_timestamp() WHERE id = ${boxId}::uuid AND state IN ('creating', 'running')`;
  await tx.$executeRaw`
    UPDATE boxes SET state = 'owed', owed_reason = 'it came up after it was looked for', gone_at = NULL, next_attempt_at = clock_timestamp()
    WHERE id = ${boxId}::uuid AND state = 'gone'`;
}

/** Locks the workspace, then reads: the box counts only while the operation that made it owns the workspace. */
async function lockBox(tx: Tx, order: StartOrder): Promise<{ box: LedgerRow | undefined; isWanted: boolean }> {
  const [workspace] = await tx.$queryRaw<{ operation_id: string | null; box_id: string | null }[]>`
    SELECT operation_id, box_id FROM workspaces WHERE id = ${order.workspaceId}::uuid FOR NO KEY UPDATE`;
  const [box] = await tx.$queryRaw<LedgerRow[]>`
    SELECT ${ledgerColumns}
    FROM boxes WHERE id = ${order.boxId}::uuid`;
  const isWanted =
    box?.state === 'creating' && workspace?.operation_id === order.operationId && workspace.box_id === order.boxId;
  return { box, isWanted };
}
