import { applyMigrations, ensureDatabase } from './migration/migrations.ts';

// migrate.ts            applies what is missing to DATABASE_URL
const url = process.env['DATABASE_URL'];
if (!url) {
  console.error('holdfast: set DATABASE_URL to the database to migrate.');
  process.exit(2);
}
await ensureDatabase(url);
const applied = await applyMigrations(url);
console.log(applied.length === 0 ? 'database is up to date' : `applied ${applied.join(', ')}`);
