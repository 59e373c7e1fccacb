import type { Database } from '@holdfast/prisma';

export type AuditedTable = 'workspaces' | 'operations' | 'boxes' | 'structure_events';

/** One change of one row, in the order of the commits of its workspace: every writer holds the lock of its row. */
export interface Change {
  readonly n: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly tx: string;
  readonly table: AuditedTable;
  readonly workspaceId: string;
  readonly id: string;
  /** Null: the row was not there. */
  readonly before: Columns | null;
  /** Null: the row is gone. */
  readonly after: Columns | null;
}

export type Columns = Readonly<Record<string, string | number | null>>;

/** What is watched: a change of one of these columns is noted. */
const watched: Record<AuditedTable, readonly string[]> = {
  workspaces: ['status', 'operation_id', 'box_id', 'parent_id', 'compute', 'updated_at'],
  operations: [
    'kind',
    'state',
    'run_id',
    'cycle',
    'superseded_by',
    'coalesced_into',
    'coalesced_cycle',
    'failure_code',
  ],
  boxes: ['state', 'operation_id', 'cycle', 'registered_at', 'host'],
  structure_events: ['event_type', 'seq'],
};

/**
 * Makes Postgres itself note every change of the rows that count, with its transaction: what nobody polls for is seen
 * all the same, and a status without its event in the same transaction shows.
 */
export async function installAudit(db: Database): Promise<void> {
  await db.$executeRawUnsafe(`
    CREATE TABLE audit (n bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp(),
      tx bigint NOT NULL DEFAULT txid_current(), what text NOT NULL, workspace_id uuid, id uuid, before jsonb, after jsonb)`);
  await db.$executeRawUnsafe(`
    CREATE FUNCTION audit_change() RETURNS trigger LANGUAGE plpgsql AS $body$
    DECLARE was jsonb; now jsonb; seen jsonb; whole jsonb;
    BEGIN
      IF TG_OP <> 'INSERT' THEN was := to_jsonb(OLD); END IF;
      IF TG_OP <> 'DELETE' THEN now := to_jsonb(NEW); END IF;
      whole := coalesce(now, was);
      SELECT jsonb_object_agg(name, was->>name) INTO seen FROM unnest(TG_ARGV) name WHERE was IS NOT NULL;
      was := seen;
      SELECT jsonb_object_agg(name, now->>name) INTO seen FROM unnest(TG_ARGV) name WHERE now IS NOT NULL;
      IF was IS DISTINCT FROM seen THEN
        INSERT INTO audit (what, workspace_id, id, before, after)
        VALUES (TG_TABLE_NAME, coalesce(whole->>'workspace_id', whole->>'id')::uuid, (whole->>'id')::uuid, was, seen);
      END IF;
      RETURN NULL;
    END $body$`);
  for (const [table, columns] of Object.entries(watched)) {
    const names = columns.map((name) => `'${name}'`).join(', ');
    await db.$executeRawUnsafe(`
      CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION audit_change(${names})`);
  }
}

export async function readAudit(db: Database): Promise<Change[]> {
  const rows = await db.$queryRaw<
    {
      n: bigint;
      at: number;
      tx: bigint;
      what: AuditedTable;
      workspace_id: string;
      id: string;
      before: Columns;
      after: Columns;
    }[]
  >`
    SELECT n, (extract(epoch FROM at) * 1000)::float8 AS at, tx, what, workspace_id, id, before, after FROM audit
    WHERE workspace_id IS NOT NULL ORDER BY n`;
  return rows.map(({ n, tx, what, workspace_id: workspaceId, ...row }) => ({
    ...row,
    n: Number(n),
    tx: String(tx),
    table: what,
    workspaceId,
  }));
}
