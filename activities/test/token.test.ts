import { createHash, randomUUID } from 'node:crypto';
import { lookupWorkspaceToken } from '@holdfast/activities/token/token-lookup';
import { announceRevoked, newToken, revokeTokens, storeToken, tokenChannel } from '@holdfast/activities/token/tokens';
import {
  countLiveTokens,
  listWorkspaceTokens,
  mintTestToken,
  mintUserToken,
  revokeWorkspaceToken,
} from '@holdfast/activities/token/workspace-tokens';
import { type TestDatabase, testDatabase, waitFor } from '@holdfast/infra/testing/index';
import { workspaceStatuses } from '@holdfast/workflows/workspace/status';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { givenWorkspace } from './given-workspace.ts';

let kit: TestDatabase;
beforeAll(async () => {
  kit = await testDatabase();
});
afterAll(() => kit.dispose());

const mint = (workspaceId: string) => kit.database.$transaction((tx) => mintUserToken(tx, workspaceId));
const rowOf = (plain: string) =>
  kit.database.workspaceAuthToken.findUniqueOrThrow({
    where: { tokenHash: Uint8Array.from(createHash('sha256').update(plain).digest()) },
  });
const list = (workspaceId: string) => listWorkspaceTokens(kit.database, { workspaceId, limit: 200, offset: 0 });

describe('a new token', () => {
  test('has 43 characters of the url alphabet and no two are equal', () => {
    const tokens = Array.from({ length: 100 }, newToken);
    for (const token of tokens) expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(new Set(tokens).size).toBe(100);
  });

  test('leaves nothing but its hash and 8 characters in the database', async () => {
    const workspaceId = await givenWorkspace(kit.database);
    const plain = await mint(workspaceId);
    const row = await rowOf(plain);
    expect(row).toMatchObject({
      prefix: plain.slice(0, 8),
      purpose: 'user',
      boxId: null,
      lastUsedAt: null,
      revokedAt: null,
    });
    expect(row.tokenHash).toHaveLength(32);
    const [dump] = await kit.database.$queryRaw<{ text: string }[]>`
      SELECT coalesce(json_agg(t)::text, '') || (SELECT json_agg(w)::text FROM workspaces w) AS text FROM workspace_auth_tokens t`;
    expect(dump?.text).not.toContain(plain);
    expect(JSON.stringify(await list(workspaceId))).not.toContain(plain);
  });
});

describe('lookupWorkspaceToken', () => {
  test('finds the owner of a live token', async () => {
    const workspaceId = await givenWorkspace(kit.database);
    const plain = await mint(workspaceId);
    expect(await lookupWorkspaceToken(kit.database, plain)).toEqual({
      tokenId: (await rowOf(plain)).id,
      workspaceId,
      purpose: 'user',
      boxId: null,
    });
  });

  test('tells an agent’s token apart, and its box', async () => {
    const workspaceId = await givenWorkspace(kit.database);
    const [plain, boxId] = [newToken(), randomUUID()];
    await storeToken(kit.database, { workspaceId, plain, purpose: 'agent', boxId });
    expect(await lookupWorkspaceToken(kit.database, plain)).toMatchObject({ purpose: 'agent', boxId });
  });

  test.each(['', 'x', 'a'.repeat(42), 'a'.repeat(44), `${'a'.repeat(42)}=`, `${'a'.repeat(42)}\0`, 'ä'.repeat(43)])(
    'finds nobody for %j',
    async (plain) => expect(await lookupWorkspaceToken(kit.database, plain)).toBeNull(),
  );

  test('finds nobody for a token that was never made', async () => {
    expect(await lookupWorkspaceToken(kit.database, newToken())).toBeNull();
  });

  test('finds nobody for a revoked token', async () => {
    const workspaceId = await givenWorkspace(kit.database);
    const plain = await mint(workspaceId);
    await revokeTokens(kit.database, workspaceId);
    expect(await lookupWorkspaceToken(kit.database, plain)).toBeNull();
  });

  test.each(workspaceStatuses.filter((status) => status !== 'removed'))(
    'counts while the workspace is %s',
    async (status) => {
      const workspaceId = await givenWorkspace(kit.database);
      const plain = await mint(workspaceId);
      await kit.database.workspace.update({ where: { id: workspaceId }, data: { status } });
      expect(await lookupWorkspaceToken(kit.database, plain)).toMatchObject({ workspaceId });
    },
  );

  test('finds nobody once the workspace is removed, though the token was never revoked', async () => {
    const workspaceId = await givenWorkspace(kit.database);
    const plain = await mint(workspaceId);
    await kit.database.workspace.update({ where: { id: workspaceId }, data: { status: 'removed' } });
    expect(await lookupWorkspaceToken(kit.database, plain)).toBeNull();
  });

  test('throws instead of calling a token invalid when the database cannot answer', async () => {
    const broken = await testDatabase({ connections: 1 });
    await broken.database.$executeRaw`DROP TABLE workspace_auth_tokens`;
    await expect(lookupWorkspaceToken(broken.database, newToken())).rejects.toThrow();
    await broken.dispose();
  });
});

describe('the last use of a token', () => {
  test('is noted at the first use, and then not again within a minute', async () => {
    const plain = await mint(await givenWorkspace(kit.database));
    await lookupWorkspaceToken(kit.database, plain);
    const first = (await rowOf(plain)).lastUsedAt;
    expect(first).not.toBeNull();
    await lookupWorkspaceToken(kit.database, plain);
    expect((await rowOf(plain)).lastUsedAt).toEqual(first);
  });

  test('is noted again after a minute', async () => {
    const plain = await mint(await givenWorkspace(kit.database));
    const { id } = await rowOf(plain);
    await kit.database.workspaceAuthToken.update({
      where: { id },
      data: { lastUsedAt: new Date(Date.now() - 61_000) },
    });
    await lookupWorkspaceToken(kit.database, plain);
    expect(Date.now() - Number((await rowOf(plain)).lastUsedAt)).toBeLessThan(30_000);
  });

  test('does not hold a request up while somebody holds the row', async () => {
    const plain = await mint(await givenWorkspace(kit.database));
    const { id } = await rowOf(plain);
    await kit.database.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1 FROM workspace_auth_tokens WHERE id = ${id}::uuid FOR UPDATE`;
      expect(await lookupWorkspaceToken(kit.database, plain)).not.toBeNull();
    });
  });

  test('never decides: a token that cannot be marked is still good', async () => {
    await using broken = await testDatabase({ connections: 2 });
    const workspaceId = await givenWorkspace(broken.database);
    const plain = await broken.database.$transaction((tx) => mintUserToken(tx, workspaceId));
    await broken.database.$executeRaw`ALTER TABLE workspace_auth_tokens ADD CHECK (last_used_at IS NULL)`;
    expect(await lookupWorkspaceToken(broken.database, plain)).toMatchObject({ workspaceId });
  });
});

describe('minting', () => {
  test('refuses the 51st live token', async () => {
    const workspaceId = await givenWorkspace(kit.database);
    for (let made = 0; made < 50; made += 1) await mint(workspaceId);
    await expect(mint(workspaceId)).rejects.toMatchObject({
      code: 'TOKEN_LIMIT',
      message: 'maximum 50 active tokens per workspace',
    });
    expect(await countLiveTokens(kit.database, workspaceId)).toBe(50);
  });

  test('never passes the limit when many ask at once', async () => {
    const workspaceId = await givenWorkspace(kit.database);
    for (let made = 0; made < 45; made += 1) await mint(workspaceId);
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => mint(workspaceId)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    expect(await countLiveTokens(kit.database, workspaceId)).toBe(50);
  });

  test('makes room again when one is revoked', async () => {
    const workspaceId = await givenWorkspace(kit.database);
    for (let made = 0; made < 50; made += 1) await mint(workspaceId);
    const [oldest] = (await list(workspaceId)).slice(-1);
    await revokeWorkspaceToken(kit.database, workspaceId, oldest!.id);
    await expect(mint(workspaceId)).resolves.toHaveLength(43);
  });

  test('refuses a workspace that does not exist or is removed', async () => {
    const removed = await givenWorkspace(kit.database, { status: 'removed' });
    for (const workspaceId of [randomUUID(), removed]) {
      await expect(mint(workspaceId)).rejects.toMatchObject({
        code: 'WORKSPACE_NOT_FOUND',
        message: 'workspace not found',
      });
    }
    expect(await countLiveTokens(kit.database, removed)).toBe(0);
  });

  test('of test tokens has no limit, and refuses only a workspace that does not exist', async () => {
    const workspaceId = await givenWorkspace(kit.database);
    for (let made = 0; made < 51; made += 1) await kit.database.$transaction((tx) => mintTestToken(tx, workspaceId));
    expect(await countLiveTokens(kit.database, workspaceId)).toBe(51);
    await expect(mintTestToken(kit.database, randomUUID())).rejects.toMatchObject({ code: 'WORKSPACE_NOT_FOUND' });
  });
});

describe('listing', () => {
  test('shows live tokens only, newest first, in pages', async () => {
    const workspaceId = await givenWorkspace(kit.database);
    const made = [await mint(workspaceId), await mint(workspaceId), await mint(workspaceId), await mint(workspaceId)];
    // They may be made within the grain of their clock.
    for (const [place, plain] of made.entries()) {
      const { id } = await rowOf(plain);
      const createdAt = new Date(Date.now() + place * 1_000);
      await kit.database.workspaceAuthToken.update({ where: { id }, data: { createdAt } });
    }
    await revokeWorkspaceToken(kit.database, workspaceId, (await rowOf(made[1]!)).id);
    const newestFirst = [made[3]!, made[2]!, made[0]!].map((plain) => plain.slice(0, 8));
    expect((await list(workspaceId)).map(({ prefix }) => prefix)).toEqual(newestFirst);
    const page = await listWorkspaceTokens(kit.database, { workspaceId, limit: 1, offset: 1 });
    expect(page.map(({ prefix }) => prefix)).toEqual([newestFirst[1]]);
  });

  test('shows no token of another workspace', async () => {
    await mint(await givenWorkspace(kit.database));
    expect(await list(await givenWorkspace(kit.database))).toEqual([]);
  });
});

describe('revoking', () => {
  test('refuses a token of another workspace, and leaves it alive', async () => {
    const plain = await mint(await givenWorkspace(kit.database));
    const other = await givenWorkspace(kit.database);
    await expect(revokeWorkspaceToken(kit.database, other, (await rowOf(plain)).id)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'token not found or already revoked',
    });
    expect(await lookupWorkspaceToken(kit.database, plain)).not.toBeNull();
  });

  test('refuses the second time', async () => {
    const workspaceId = await givenWorkspace(kit.database);
    const { id } = await rowOf(await mint(workspaceId));
    await revokeWorkspaceToken(kit.database, workspaceId, id);
    await expect(revokeWorkspaceToken(kit.database, workspaceId, id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('of agent tokens keeps the tokens people made', async () => {
    const workspaceId = await givenWorkspace(kit.database);
    const users = await mint(workspaceId);
    const agents = newToken();
    await storeToken(kit.database, { workspaceId, plain: agents, purpose: 'agent', boxId: randomUUID() });
    expect(await revokeTokens(kit.database, workspaceId, 'agent')).toBe(1);
    expect(await lookupWorkspaceToken(kit.database, users)).not.toBeNull();
    expect(await lookupWorkspaceToken(kit.database, agents)).toBeNull();
  });

  test('tells every gateway once it commits, and not before', async () => {
    const listener = new pg.Client(kit.url);
    await listener.connect();
    const heard: string[] = [];
    listener.on('notification', ({ payload }) => heard.push(payload ?? ''));
    await listener.query(`LISTEN ${tokenChannel}`);
    const workspaceId = await givenWorkspace(kit.database);
    await mint(workspaceId);
    await kit.database
      .$transaction(async (tx) => {
        await revokeTokens(tx, workspaceId);
        throw new Error('rolled back');
      })
      .catch(() => undefined);
    await revokeTokens(kit.database, workspaceId);
    // Nothing was left to revoke: no word of it.
    await revokeTokens(kit.database, workspaceId);
    await announceRevoked(kit.database, 'end');
    await waitFor(() => heard.includes('end'));
    expect(heard).toEqual([workspaceId, 'end']);
    await listener.end();
  });
});

test('the count leaves revoked tokens out, and counts those of a removed workspace', async () => {
  const db = kit.database;
  const [first, second] = [await givenWorkspace(db), await givenWorkspace(db)];
  for (const workspaceId of [first, first, second]) await db.$transaction((tx) => mintUserToken(tx, workspaceId));
  await db.workspace.update({ where: { id: second }, data: { status: 'removed' } });
  expect(await countLiveTokens(db, first)).toBe(2);
  expect(await countLiveTokens(db, second)).toBe(1);
  await revokeTokens(db, first);
  expect(await countLiveTokens(db, first)).toBe(0);
});
