import { readFileSync } from 'node:fs';
import { testDatabase } from '@holdfast/infra/testing/index';
import { expect, test } from 'vitest';
import { applyMigrations, missingSql } from '../src/migration/migrations.ts';

const schema = readFileSync(new URL('../schema.prisma', import.meta.url), 'utf8');

test('the migrations build exactly what schema.prisma says', async () => {
  await using db = await testDatabase();
  expect(await missingSql(db.url)).toBeNull();
});

test('a column that only the schema has is missing from the migrations', async () => {
  await using db = await testDatabase();
  const changed = schema.replace('model Loop {', 'model Loop {\n  colour String?');
  expect(await missingSql(db.url, changed)).toContain('ALTER TABLE "loops" ADD COLUMN     "colour" TEXT');
});

test('a comparison leaves no database behind', async () => {
  await using db = await testDatabase();
  await missingSql(db.url);
  const left = await db.database
    .$queryRaw`SELECT datname FROM pg_database WHERE starts_with(datname, 'holdfast_shadow_')`;
  expect(left).toEqual([]);
});

test('migrating a migrated database changes nothing', async () => {
  await using db = await testDatabase();
  expect(await applyMigrations(db.url)).toEqual([]);
});
