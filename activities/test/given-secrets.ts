import { randomBytes } from 'node:crypto';
import { createCipher } from '@holdfast/activities/secret/cipher';
import { saveGlobalSecret } from '@holdfast/activities/secret/global-secrets';
import { secretBundle } from '@holdfast/activities/secret/secret-bundle';
import { saveWorkspaceSecret } from '@holdfast/activities/secret/workspace-secrets';
import { testDatabase } from '@holdfast/infra/testing/index';
import { afterAll, beforeEach } from 'vitest';
import { givenWorkspace } from './given-workspace.ts';

export const cipher = createCipher(randomBytes(32).toString('base64'));
export const otherCipher = createCipher(randomBytes(32).toString('base64'));
export const bytes = (text: string) => Uint8Array.from(Buffer.from(text));

/** A database for the secrets of one file: before each test it has none, and a workspace that is new. */
export async function givenSecrets() {
  const kit = await testDatabase();
  const db = kit.database;
  const state = { workspaceId: '' };
  beforeEach(async () => {
    await db.$executeRaw`TRUNCATE global_secrets, workspace_secrets`;
    state.workspaceId = await givenWorkspace(db);
  });
  afterAll(() => kit.dispose());
  return {
    db,
    get workspaceId() {
      return state.workspaceId;
    },
    save: (key: string, value: string) =>
      db.$transaction((tx) => saveWorkspaceSecret(tx, cipher, { workspaceId: state.workspaceId, key, value })),
    saveGlobal: (key: string, value: string) => saveGlobalSecret(db, cipher, { key, value }),
    stored: (key: string) =>
      db.workspaceSecret.findUniqueOrThrow({ where: { workspaceId_key: { workspaceId: state.workspaceId, key } } }),
    /** A row as another release or another key would have left it. */
    store: (key: string, encryptedValue: Uint8Array<ArrayBuffer>, encryptionVersion: number) =>
      db.workspaceSecret.create({ data: { workspaceId: state.workspaceId, key, encryptedValue, encryptionVersion } }),
    storeGlobal: (key: string, encryptedValue: Uint8Array<ArrayBuffer>, encryptionVersion: number) =>
      db.globalSecret.create({ data: { key, encryptedValue, encryptionVersion } }),
    bundle: () => secretBundle(db, cipher, state.workspaceId),
  };
}
