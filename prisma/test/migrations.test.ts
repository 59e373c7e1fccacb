import { readFileSync } from 'node:fs';
import { testDatabase, uniqueId } from '@holdfast/infra/testing/index';
import { expect, test } from 'vitest';
import { dropDatabase, ensureDatabase } from '../src/migration/databases.ts';
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

test('eight databases migrated at once in one process are all migrated', async () => {
  const names = Array.from({ length: 8 }, () => uniqueId('migrated').replaceAll('-', '_'));
  await using server = await testDatabase();
  const urls = names.map((name) => Object.assign(new URL(server.url), { pathname: `/${name}` }).href);
  try {
    const applied = await Promise.all(
      urls.map(async (url) => {
        await ensureDatabase(url);
        return applyMigrations(url);
      }),
    );
    expect(new Set(applied.map((each) => each.join()))).toHaveProperty('size', 1);
    expect(applied[0]).not.toEqual([]);
  } finally {
    await Promise.all(urls.map((url) => dropDatabase(url)));
  }
});
