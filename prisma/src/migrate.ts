import { databaseUrl as url } from './config.ts';
import { ensureDatabase } from './migration/databases.ts';
import { applyMigrations, createMigration } from './migration/migrations.ts';

// migrate.ts            applies what is missing to DATABASE_URL
// migrate.ts new NAME   writes the migration for the changes in schema.prisma
if (!url) {
  console.error('holdfast: set DATABASE_URL to the database to migrate.');
  process.exit(2);
}
const [command, name] = process.argv.slice(2);
await ensureDatabase(url);
if (command === 'new' && name) {
  console.log((await createMigration(url, name)) ?? 'schema.prisma has no change to migrate');
} else {
  const applied = await applyMigrations(url);
  console.log(applied.length === 0 ? 'database is up to date' : `applied ${applied.join(', ')}`);
}
