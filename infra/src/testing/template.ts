import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { ensureDatabase } from '@holdfast/prisma/migration/databases';
import { applyMigrations } from '@holdfast/prisma/migration/migrations';
import pg from 'pg';
import { root } from '../root.ts';

/** Runs statements on the server's maintenance database. */
export async function asAdmin<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(databaseUrl(url, 'postgres'));
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** The address of another database of the same server. */
export function databaseUrl(url: string, database: string): string {
  const target = new URL(url);
  target.pathname = `/${database}`;
  return target.href;
}

/**
 * Makes the migrated database that every test clones; named by what the migrations say, so that a server that is
 * shared keeps it between runs. Returns its name.
 */
export async function ensureTemplate(url: string): Promise<string> {
  const name = `holdfast_template_${migrationsHash()}`;
  await asAdmin(url, async (client) => {
    // Another test run may be making the same one.
    await client.query('SELECT pg_advisory_lock(hashtext($1))', [name]);
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount !== 0) return;
    const partial = `${name}_partial`;
    await client.query(`DROP DATABASE IF EXISTS ${partial} WITH (FORCE)`);
    await ensureDatabase(databaseUrl(url, partial));
    await applyMigrations(databaseUrl(url, partial));
    await client.query(`ALTER DATABASE ${partial} RENAME TO ${name}`);
  });
  return name;
}

function migrationsHash(): string {
  const folder = path.join(root, 'prisma/migrations');
  const hash = createHash('sha256');
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) hash.update(entry.name).update(readFileSync(path.join(entry.parentPath, entry.name)));
  }
  return hash.digest('hex').slice(0, 12);
}
