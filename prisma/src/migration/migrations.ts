import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { schemaEngine } from './engine.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = path.join(root, 'migrations');
const filters = { externalTables: [], externalEnums: [] };

const schema = (): string => readFileSync(path.join(root, 'schema.prisma'), 'utf8');

function migrationList() {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  const lock = path.join(folder, 'migration_lock.toml');
  return {
    baseDir: folder,
    lockfile: { path: 'migration_lock.toml', content: existsSync(lock) ? readFileSync(lock, 'utf8') : null },
    shadowDbInitScript: '',
    migrationDirectories: names.map((name) => ({
      path: name,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok' as const, value: readFileSync(path.join(folder, name, 'migration.sql'), 'utf8') },
      },
    })),
  };
}

/** Creates the database of `url` when the server does not have it yet. */
export async function ensureDatabase(url: string): Promise<void> {
  const target = new URL(url);
  const name = decodeURIComponent(target.pathname.slice(1));
  target.pathname = '/postgres';
  const admin = new pg.Client(target.href);
  await admin.connect();
  try {
    const found = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 0) await admin.query(`CREATE DATABASE "${name.replaceAll('"', '""')}"`);
  } catch (error) {
    // Two launchers may create it at the same instant.
    if (!['42P04', '23505'].includes((error as { code?: string }).code ?? '')) throw error;
  } finally {
    await admin.end();
  }
}

/** Applies every migration the database lacks; returns their names. Safe to run from several processes at once. */
export async function applyMigrations(url: string): Promise<string[]> {
  const engine = await schemaEngine(url, schema());
  try {
    const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList: migrationList(), filters });
    return appliedMigrationNames;
  } finally {
    engine.free();
  }
}

/** Writes the migration that brings the folder up to `schema.prisma`; null when nothing changed. */
export async function createMigration(url: string, name: string): Promise<string | null> {
  const script = await missingSql(url);
  if (script === null) return null;
  const stamp = new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14);
  const target = `${stamp}_${name}`;
  mkdirSync(path.join(folder, target), { recursive: true });
  writeFileSync(path.join(folder, target, 'migration.sql'), script);
  return target;
}

/** The SQL by which the migrations fall short of `schema.prisma`, found in a database of its own; null when none. */
export async function missingSql(url: string): Promise<string | null> {
  const shadow = new URL(url);
  shadow.pathname = `/holdfast_shadow_${randomUUID().replaceAll('-', '')}`;
  await ensureDatabase(shadow.href);
  try {
    await applyMigrations(shadow.href);
    const engine = await schemaEngine(shadow.href, schema());
    const { stdout, exitCode } = await engine.diff({
      from: { tag: 'schemaDatasource', files: [{ path: 'schema.prisma', content: schema() }], configDir: root },
      to: { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content: schema() }] },
      script: true,
      exitCode: true,
      shadowDatabaseUrl: null,
      filters,
    });
    engine.free();
    return exitCode === 0 ? null : stdout;
  } finally {
    await dropDatabase(shadow.href);
  }
}

async function dropDatabase(url: string): Promise<void> {
  const target = new URL(url);
  const name = target.pathname.slice(1);
  target.pathname = '/postgres';
  const admin = new pg.Client(target.href);
  await admin.connect();
  await admin.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
  await admin.end();
}
