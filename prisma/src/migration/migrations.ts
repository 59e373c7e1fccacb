import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { withSchemaEngine } from './engine.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = path.join(root, 'migrations');
const filters = { externalTables: [], externalEnums: [] };

const schema = (): string => readFileSync(path.join(root, 'schema.prisma'), 'utf8');

function migrationList() {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  return {
    baseDir: folder,
    lockfile: { path: 'migration_lock.toml', content: readFileSync(path.join(folder, 'migration_lock.toml'), 'utf8') },
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

/** Applies every migration the database lacks; returns their names. Safe to run from several processes at once. */
export async function applyMigrations(url: string): Promise<string[]> {
  return await withSchemaEngine(url, schema(), async (engine) => {
    const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList: migrationList(), filters });
    return appliedMigrationNames;
  });
}

/** The SQL by which the migrations fall short of the datamodel; null when they build exactly it. */
export async function missingSql(url: string, datamodel = schema()): Promise<string | null> {
  return await withSchemaEngine(url, datamodel, async (engine) => {
    const { stdout, exitCode } = await engine.diff({
      from: { tag: 'migrations', ...migrationList() },
      to: { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content: datamodel }] },
      script: true,
      exitCode: true,
      filters,
    });
    return exitCode === 0 ? null : stdout;
  });
}

/**
 * Writes the migration that brings the folder up to `schema.prisma` and returns its name; null when nothing changed.
 * @param url any database of a server on which a database may be created for the comparison
 */
export async function createMigration(url: string, name: string): Promise<string | null> {
  const script = await missingSql(url);
  if (script === null) return null;
  const stamp = new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14);
  const target = path.join(folder, `${stamp}_${name}`);
  mkdirSync(target, { recursive: true });
  writeFileSync(path.join(target, 'migration.sql'), script);
  return path.basename(target);
}
