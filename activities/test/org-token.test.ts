import { randomUUID } from 'node:crypto';
import { listOrgTokens, mintOrgToken, type NewOrgToken, revokeOrgToken } from '@holdfast/activities/token/org-tokens';
import { lookupOrgToken, lookupWorkspaceToken } from '@holdfast/activities/token/token-lookup';
import { mintUserToken } from '@holdfast/activities/token/workspace-tokens';
import { type TestDatabase, testDatabase } from '@holdfast/infra/testing/index';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { givenWorkspace } from './given-workspace.ts';

const DAY_MS = 86_400_000;

let kit: TestDatabase;
beforeAll(async () => {
  kit = await testDatabase();
});
afterAll(() => kit.dispose());

const mint = (wanted: Partial<NewOrgToken> = {}) =>
  mintOrgToken(kit.database, { orgId: null, createdBy: 'admin-token', ...wanted });

test('a live org token is found with the org it is bound to', async () => {
  const bound = await mint({ orgId: 'acme' });
  expect(await lookupOrgToken(kit.database, bound.plain)).toEqual({
    tokenId: bound.line.id,
    prefix: bound.plain.slice(0, 8),
    orgId: 'acme',
    expiresAt: bound.line.expiresAt,
  });
  const unbound = await mint();
  expect(await lookupOrgToken(kit.database, unbound.plain)).toMatchObject({ orgId: null });
});

test('an org token is no workspace token, nor the other way round', async () => {
  const org = await mint();
  expect(await lookupWorkspaceToken(kit.database, org.plain)).toBeNull();
  const workspaceId = await givenWorkspace(kit.database);
  const workspaces = await kit.database.$transaction((tx) => mintUserToken(tx, workspaceId));
  expect(await lookupOrgToken(kit.database, workspaces)).toBeNull();
});

test('an org token ends after ninety days unless told otherwise', async () => {
  const { line } = await mint();
  expect((Number(line.expiresAt) - Date.now()) / DAY_MS).toBeCloseTo(90, 2);
  const soon = new Date(Date.now() + DAY_MS);
  expect((await mint({ expiresAt: soon })).line.expiresAt).toEqual(soon);
  expect((await mint({ expiresAt: null })).line.expiresAt).toBeNull();
});

test('an expired org token is found no more, and not listed', async () => {
  const { line, plain } = await mint();
  await kit.database.orgApiToken.update({ where: { id: line.id }, data: { expiresAt: new Date(Date.now() - 1) } });
  expect(await lookupOrgToken(kit.database, plain)).toBeNull();
  expect((await listOrgTokens(kit.database)).map(({ id }) => id)).not.toContain(line.id);
});

test('an org token without an end is found', async () => {
  const { plain } = await mint({ expiresAt: null });
  expect(await lookupOrgToken(kit.database, plain)).not.toBeNull();
});

test('a revoked org token is found no more, and revoked only once', async () => {
  const { line, plain } = await mint();
  await revokeOrgToken(kit.database, line.id);
  expect(await lookupOrgToken(kit.database, plain)).toBeNull();
  for (const id of [line.id, randomUUID()]) {
    await expect(revokeOrgToken(kit.database, id)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'token not found or already revoked',
    });
  }
});

test('the use of an org token is noted once a minute', async () => {
  const { line, plain } = await mint();
  const lastUse = async () => (await kit.database.orgApiToken.findUniqueOrThrow({ where: { id: line.id } })).lastUsedAt;
  await lookupOrgToken(kit.database, plain);
  const first = await lastUse();
  expect(first).not.toBeNull();
  await lookupOrgToken(kit.database, plain);
  expect(await lastUse()).toEqual(first);
});

test('a name may have 100 bytes and no more', async () => {
  expect((await mint({ name: 'é'.repeat(50) })).line.name).toHaveLength(50);
  for (const name of ['x'.repeat(101), 'é'.repeat(51)]) {
    await expect(mint({ name })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: 'name too long (max 100 chars)',
    });
  }
});

test('an end in the past is refused', async () => {
  await expect(mint({ expiresAt: new Date(Date.now() - 1) })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
});

test('the list is newest first, 500 at most, and holds no token', async () => {
  await using fresh = await testDatabase();
  const made = [];
  for (let index = 0; index < 501; index += 1) {
    made.push(await mintOrgToken(fresh.database, { orgId: null, createdBy: 'admin-token', name: `${index}` }));
  }
  // Several are made within the grain of their clock.
  await fresh.database.$executeRaw`UPDATE org_api_tokens SET created_at = now() + name::int * interval '1 second'`;
  const lines = await listOrgTokens(fresh.database);
  expect(lines).toHaveLength(500);
  expect(lines[0]?.name).toBe('500');
  expect(lines.at(-1)?.name).toBe('1');
  const [dump] = await fresh.database.$queryRaw<
    { text: string }[]
  >`SELECT json_agg(t)::text AS text FROM org_api_tokens t`;
  for (const { plain } of made) {
    expect(dump?.text.includes(plain)).toBe(false);
    expect(JSON.stringify(lines).includes(plain)).toBe(false);
  }
});
