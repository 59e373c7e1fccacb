import type { Database } from './database.ts';
import { migrations } from './migrations.ts';

/** Any number that no other program locks in the same database. */
const LOCK = 4_826_117_903;

/**
 * Brings the schema `control_plane` up to date and returns the names of what was applied; several processes may do so at
 * once. The schema is far too small for an engine: every migration is text, run once, and named in a ledger.
 */
export function migrate(db: Database): Promise<string[]> {
  return db.transaction(async (rows) => {
    await rows('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    await rows('CREATE SCHEMA IF NOT EXISTS control_plane');
    await rows(`CREATE TABLE IF NOT EXISTS control_plane.migrations (
      name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`);
    const known = await rows<{ name: string }>('SELECT name FROM control_plane.migrations');
    const missing = migrations.filter(({ name }) => !known.some((row) => row.name === name));
    for (const { name, sql } of missing) {
      await rows(sql);
      await rows('INSERT INTO control_plane.migrations (name) VALUES ($1)', [name]);
    }
    return missing.map(({ name }) => name);
  });
}
