import { randomBytes, randomUUID } from 'node:crypto';
import { createCipher } from '@holdfast/activities/secret/cipher';
import { readOrHealInboundSecret } from '@holdfast/activities/token/inbound-secret';
import { type TestDatabase, testDatabase } from '@holdfast/infra/testing/index';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { givenWorkspace } from './given-workspace.ts';

const cipher = createCipher(randomBytes(32).toString('base64'));

let kit: TestDatabase;
beforeAll(async () => {
  kit = await testDatabase();
});
afterAll(() => kit.dispose());

test('a missing inbound secret is made once, and read from then on', async () => {
  const workspaceId = await givenWorkspace(kit.database);
  const made = await readOrHealInboundSecret(kit.database, cipher, workspaceId);
  expect(made).toEqual({ secret: expect.stringMatching(/^[\w-]{43}$/), healed: true });
  expect(await readOrHealInboundSecret(kit.database, cipher, workspaceId)).toEqual({
    secret: made.secret,
    healed: false,
  });
});

test('of many callers that miss it at once, one makes it and all get that one', async () => {
  const workspaceId = await givenWorkspace(kit.database);
  const read = await Promise.all(
    Array.from({ length: 10 }, () => readOrHealInboundSecret(kit.database, cipher, workspaceId)),
  );
  expect(new Set(read.map(({ secret }) => secret)).size).toBe(1);
  expect(read.filter(({ healed }) => healed)).toHaveLength(1);
});

test('the row holds it sealed', async () => {
  const workspaceId = await givenWorkspace(kit.database);
  const { secret } = await readOrHealInboundSecret(kit.database, cipher, workspaceId);
  const row = await kit.database.workspace.findUniqueOrThrow({ where: { id: workspaceId } });
  expect(Buffer.from(row.platformInboundSecret!).includes(secret)).toBe(false);
  expect(cipher.open(row.platformInboundSecret!)).toBe(secret);
});

test('one that is there but cannot be opened is an error, and is not replaced', async () => {
  const sealed = createCipher(randomBytes(32).toString('base64')).seal('other key');
  const workspaceId = await givenWorkspace(kit.database, { platformInboundSecret: sealed });
  await expect(readOrHealInboundSecret(kit.database, cipher, workspaceId)).rejects.toThrow();
  const row = await kit.database.workspace.findUniqueOrThrow({ where: { id: workspaceId } });
  expect(row.platformInboundSecret).toEqual(sealed);
});

test('a workspace that does not exist has none, and gets none', async () => {
  await expect(readOrHealInboundSecret(kit.database, cipher, randomUUID())).rejects.toMatchObject({
    code: 'WORKSPACE_NOT_FOUND',
  });
});
