import { applyMigrations } from '@holdfast/prisma/migration/migrations';
import { ensureDatabase } from '@holdfast/prisma/migration/databases';
import pg from 'pg';
import { waitFor } from '../src/process/wait-for.ts';

/** A slow machine is no failure. */
const END_LIMIT_MS = 600_000;
const keptTables = ['_prisma_migrations', 'installation_facts', 'backends', 'loops'];

/** The database of a run. */
export class Store {
  readonly url: string;
  private readonly pool: pg.Pool;

  private constructor(url: string) {
    this.url = url;
    this.pool = new pg.Pool({ connectionString: url, max: 4 });
  }

  /** Makes and migrates it. */
  static async open(url: string): Promise<Store> {
    await ensureDatabase(url);
    await applyMigrations(url);
    return new Store(url);
  }

  async query<T extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<T[]> {
    return (await this.pool.query<T>(text, values)).rows;
  }

  /** Forgets every workspace, once nothing runs any more. */
  async reset(): Promise<void> {
    const open = `SELECT 1 FROM operations WHERE state IN ('accepted', 'running') LIMIT 1`;
    const isQuiet = async (): Promise<boolean> => (await this.query(open)).length === 0;
    await waitFor(isQuiet, { timeoutMs: END_LIMIT_MS, what: 'the end of all operations' });
    const tables = await this.query<{ name: string }>(
      `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL($1)`,
      [keptTables],
    );
    await this.query(`TRUNCATE ${tables.map(({ name }) => name).join(', ')} CASCADE`);
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}
