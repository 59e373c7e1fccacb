import pg from 'pg';

export type Rows = <T extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]) => Promise<T[]>;

/** The control plane's own database, or its own schema of a shared one. */
export interface Database {
  readonly rows: Rows;
  transaction<T>(use: (rows: Rows) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Opens the database; its pool connects when it is first asked. */
export function openDatabase(url: string, connections: number): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 30_000,
  });
  // A connection that breaks while it idles is replaced; without a listener it would end the process.
  pool.on('error', () => undefined);
  const rowsOf =
    (client: pg.Pool | pg.PoolClient): Rows =>
    async <T extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []) =>
      (await client.query<T>(sql, [...values])).rows;
  return {
    rows: rowsOf(pool),
    async transaction(use) {
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        const result = await use(rowsOf(client));
        await client.query('COMMIT');
        client.release();
        return result;
      } catch (error) {
        // Closed rather than used again: its transaction may be in any state.
        client.release(true);
        throw error;
      }
    },
    close: () => pool.end(),
  };
}

const states = /^(08|53)|^57P|^57014$|^25006$/;
const networkCodes = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'];

/** Whether an error says that the database cannot be asked now. */
export function isUnavailable(error: unknown): boolean {
  const { code, message, errors } = (error ?? {}) as { code?: unknown; message?: unknown; errors?: unknown[] };
  if (Array.isArray(errors) && errors.some(isUnavailable)) return true;
  if (typeof code === 'string') return states.test(code) || networkCodes.includes(code);
  return typeof message === 'string' && /connection terminated|timeout exceeded when trying to connect/i.test(message);
}
