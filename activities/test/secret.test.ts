import { randomBytes, randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { createCipher } from '@holdfast/activities/secret/cipher';
import { deleteGlobalSecret, listGlobalSecrets, saveGlobalSecret } from '@holdfast/activities/secret/global-secrets';
import { readModel, writeModel } from '@holdfast/activities/secret/model';
import { secretBundle } from '@holdfast/activities/secret/secret-bundle';
import { loadEnvironmentSecrets } from '@holdfast/activities/secret/secret-values';
import { deleteWorkspaceSecret, listWorkspaceSecrets, saveWorkspaceSecret } from '@holdfast/activities/secret/workspace-secrets';
import { type TestDatabase, testDatabase } from '@holdfast/infra/testing/index';
import type { Database } from '@holdfast/prisma';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { givenWorkspace } from './given-workspace.ts';

const cipher = createCipher(randomBytes(32).toString('base64'));
const otherCipher = createCipher(randomBytes(32).toString('base64'));

let kit: TestDatabase;
let db: Database;
let workspaceId: string;
beforeAll(async () => {
  kit = await testDatabase();
  db = kit.database;
});
beforeEach(async () => {
  await db.$executeRaw`TRUNCATE global_secrets, workspace_secrets`;
  workspaceId = await givenWorkspace(db);
});
afterAll(() => kit.dispose());

const save = (key: string, value: string) => db.$transaction((tx) => saveWorkspaceSecret(tx, cipher, { workspaceId, key, value }));
const saveGlobal = (key: string, value: string) => saveGlobalSecret(db, cipher, { key, value });
const stored = (key: string) => db.workspaceSecret.findUniqueOrThrow({ where: { workspaceId_key: { workspaceId, key } } });
/** A row as another release or another key would have left it. */
const store = (key: string, encryptedValue: Uint8Array<ArrayBuffer>, encryptionVersion: number) =>
  db.workspaceSecret.create({ data: { workspaceId, key, encryptedValue, encryptionVersion } });
const storeGlobal = (key: string, encryptedValue: Uint8Array<ArrayBuffer>, encryptionVersion: number) =>
  db.globalSecret.create({ data: { key, encryptedValue, encryptionVersion } });
const bytes = (text: string) => Uint8Array.from(Buffer.from(text));
const bundle = () => secretBundle(db, cipher, workspaceId);

describe('saving', () => {
  test('writes version 1 and a value that is not the value', async () => {
    await save('API_KEY', 'hunter2');
    const row = await stored('API_KEY');
    expect(row.encryptionVersion).toBe(1);
    expect(Buffer.from(row.encryptedValue).includes('hunter2')).toBe(false);
    expect(cipher.open(row.encryptedValue)).toBe('hunter2');
  });

  test('again replaces the value and its time, and keeps the row', async () => {
    await save('API_KEY', 'old');
    await db.workspaceSecret.updateMany({ where: { workspaceId }, data: { updatedAt: new Date(0) } });
    const before = await stored('API_KEY');
    await save('API_KEY', 'new');
    const after = await stored('API_KEY');
    expect(cipher.open(after.encryptedValue)).toBe('new');
    expect(after).toMatchObject({ id: before.id, createdAt: before.createdAt });
    expect(after.updatedAt.getTime()).toBeGreaterThan(before.updatedAt.getTime());
  });

  test('again upgrades a row that was written in the clear', async () => {
    await store('API_KEY', bytes('plain'), 0);
    await save('API_KEY', 'sealed now');
    expect(await stored('API_KEY')).toMatchObject({ encryptionVersion: 1 });
    expect(await bundle()).toEqual({ API_KEY: 'sealed now' });
  });

  test.each(['PATH', 'WORKSPACE_ID', 'HOLDFAST_NONCE', 'LD_PRELOAD', '9LIVES', 'A-B', ''])('refuses the name %j and writes nothing', async (key) => {
    await expect(save(key, 'value')).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(saveGlobal(key, 'value')).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    expect(await listWorkspaceSecrets(db, workspaceId)).toEqual([]);
  });

  test('refuses a workspace that does not exist or is removed', async () => {
    const removed = await givenWorkspace(db, { status: 'removed' });
    for (const id of [randomUUID(), removed]) {
      const refused = db.$transaction((tx) => saveWorkspaceSecret(tx, cipher, { workspaceId: id, key: 'KEY', value: 'x' }));
      await expect(refused).rejects.toMatchObject({ code: 'WORKSPACE_NOT_FOUND' });
    }
    expect(await db.workspaceSecret.count()).toBe(0);
  });

  test('of one name by many at once leaves one row', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, index) => save('API_KEY', `value ${index}`)));
    await Promise.all(Array.from({ length: 20 }, (_, index) => saveGlobal('API_KEY', `value ${index}`)));
    expect(await db.workspaceSecret.count()).toBe(1);
    expect(await db.globalSecret.count()).toBe(1);
  });

  test('leaves nothing when the transaction around it fails', async () => {
    const failed = db.$transaction(async (tx) => {
      await saveWorkspaceSecret(tx, cipher, { workspaceId, key: 'API_KEY', value: 'x' });
      throw new Error('no restart could be requested');
    });
    await expect(failed).rejects.toThrow();
    expect(await db.workspaceSecret.count()).toBe(0);
  });
});

describe('listing', () => {
  test('shows the workspace’s own by name, then the global ones it does not override', async () => {
    for (const key of ['b', 'SHARED', 'A']) await save(key, 'own');
    for (const key of ['Z', 'SHARED', 'GLOBAL']) await saveGlobal(key, 'global');
    const lines = await listWorkspaceSecrets(db, workspaceId);
    expect(lines.map(({ scope, key }) => `${scope}:${key}`)).toEqual([
      'workspace:A',
      'workspace:SHARED',
      'workspace:b',
      'global:GLOBAL',
      'global:Z',
    ]);
  });

  test('shows nothing of another workspace', async () => {
    await save('API_KEY', 'own');
    expect(await listWorkspaceSecrets(db, await givenWorkspace(db))).toEqual([]);
  });

  test('of global secrets is by name', async () => {
    for (const key of ['b', 'C', 'A']) await saveGlobal(key, 'x');
    expect((await listGlobalSecrets(db)).map(({ key }) => key)).toEqual(['A', 'C', 'b']);
  });

  test('never shows a value, in the clear or sealed', async () => {
    await save('API_KEY', 'hunter2');
    await saveGlobal('OTHER', 'hunter2');
    const shown = [...(await listWorkspaceSecrets(db, workspaceId)), ...(await listGlobalSecrets(db))];
    for (const line of shown) expect(Object.keys(line).toSorted()).toEqual(['createdAt', 'key', 'scope', 'updatedAt']);
  });
});

describe('deleting', () => {
  test('takes away the workspace’s own, and the global one shows again', async () => {
    await saveGlobal('API_KEY', 'global');
    await save('API_KEY', 'own');
    await db.$transaction((tx) => deleteWorkspaceSecret(tx, workspaceId, 'API_KEY'));
    expect(await bundle()).toEqual({ API_KEY: 'global' });
  });

  test('refuses a name that is not there: inherited, foreign or unknown', async () => {
    await saveGlobal('INHERITED', 'global');
    const other = await givenWorkspace(db);
    await save('FOREIGN', 'own');
    for (const [id, key] of [[workspaceId, 'INHERITED'], [other, 'FOREIGN'], [workspaceId, 'UNKNOWN'], [randomUUID(), 'FOREIGN']] as const) {
      await expect(deleteWorkspaceSecret(db, id, key)).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'secret not found' });
    }
    await expect(deleteGlobalSecret(db, 'FOREIGN')).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'secret not found' });
    expect(await bundle()).toEqual({ INHERITED: 'global', FOREIGN: 'own' });
  });

  test('takes a name that could not be saved today', async () => {
    await store('LD_PRELOAD', bytes('from an older release'), 0);
    await deleteWorkspaceSecret(db, workspaceId, 'LD_PRELOAD');
    expect(await db.workspaceSecret.count()).toBe(0);
  });

  test('of a global secret leaves the workspaces’ own', async () => {
    await saveGlobal('API_KEY', 'global');
    await save('API_KEY', 'own');
    await deleteGlobalSecret(db, 'API_KEY');
    expect(await bundle()).toEqual({ API_KEY: 'own' });
  });
});

describe('the bundle of values', () => {
  test('is the global ones with the workspace’s own over them', async () => {
    await saveGlobal('SHARED', 'global');
    await saveGlobal('GLOBAL', 'global');
    await save('SHARED', 'own');
    expect(await bundle()).toEqual({ SHARED: 'own', GLOBAL: 'global' });
  });

  test('reads rows that were written in the clear before there was a key', async () => {
    await store('OLD', bytes('plain é'), 0);
    expect(await bundle()).toEqual({ OLD: 'plain é' });
  });

  test.each([
    ['sealed with another key', () => otherCipher.seal('hunter2'), 1],
    ['sealed and then cut off', () => cipher.seal('hunter2').slice(0, 20), 1],
    ['written in the clear but marked as sealed', () => bytes('hunter2'), 1],
    ['sealed by a newer release', () => cipher.seal('hunter2'), 2],
  ])('is refused whole for a value %s', async (_, value, version) => {
    await save('GOOD', 'good');
    await store('BAD', value(), version);
    await storeGlobal('BAD_TOO', value(), version);
    await expect(bundle()).rejects.toMatchObject({
      code: 'INTERNAL',
      message: 'one or more secrets failed to decrypt; refusing to return partial bundle',
      facts: { failed_keys: ['global:BAD_TOO', 'workspace:BAD'] },
    });
  });

  test('says nothing of a value when it is refused', async () => {
    await save('GOOD', 'hunter2');
    await store('BAD', bytes('hunter2'), 7);
    const error: unknown = await bundle().catch((reason: unknown) => reason);
    expect(inspect(error, { depth: 10 })).not.toContain('hunter2');
  });

  test('is refused, not empty, when a table cannot be read', async () => {
    await save('GOOD', 'good');
    const read = db.$transaction(async (tx) => {
      await tx.$executeRaw`ALTER TABLE global_secrets RENAME TO elsewhere`;
      return secretBundle(tx, cipher, workspaceId);
    });
    await expect(read).rejects.toThrow('global_secrets');
  });

  test('keeps a name that objects treat specially', async () => {
    await save('__proto__', 'value');
    expect(JSON.stringify(await bundle())).toBe('{"__proto__":"value"}');
  });
});

describe('the environment of a box', () => {
  const environment = () => loadEnvironmentSecrets(db, cipher, workspaceId);

  test('gets the global secrets with the workspace’s own over them', async () => {
    await saveGlobal('SHARED', 'global');
    await saveGlobal('GLOBAL', 'global');
    await save('SHARED', 'own');
    expect(await environment()).toEqual(new Map([['GLOBAL', 'global'], ['SHARED', 'own']]));
  });

  test('never gets a reserved name, though an older row has one', async () => {
    await store('PLATFORM_URL', bytes('http://elsewhere'), 0);
    await storeGlobal('LD_PRELOAD', bytes('/tmp/evil.so'), 0);
    await save('FINE', 'yes');
    expect(await environment()).toEqual(new Map([['FINE', 'yes']]));
  });

  test('fails for good with the contract’s text for a workspace secret', async () => {
    await store('BAD', otherCipher.seal('hunter2'), 1);
    await expect(environment()).rejects.toMatchObject({
      type: 'WORKSPACE_SECRET_UNREADABLE',
      message: 'failed to decrypt workspace secret',
      nonRetryable: true,
    });
  });

  test('fails for good with the contract’s text for a global secret, even one that is overridden', async () => {
    await storeGlobal('BAD', cipher.seal('hunter2'), 9);
    await save('BAD', 'fine');
    await expect(environment()).rejects.toMatchObject({
      type: 'GLOBAL_SECRET_UNREADABLE',
      message: 'failed to decrypt global secret',
      nonRetryable: true,
    });
  });

  test('names neither key nor version nor value in its failure', async () => {
    await store('BAD_KEY_NAME', bytes('hunter2'), 42);
    const error: unknown = await environment().catch((reason: unknown) => reason);
    const { message, details } = error as { message: string; details: unknown };
    expect(JSON.stringify({ message, details })).not.toMatch(/hunter2|BAD_KEY_NAME|42/);
  });

  test('fails, rather than being empty, when a table cannot be read', async () => {
    const read = db.$transaction(async (tx) => {
      await tx.$executeRaw`ALTER TABLE workspace_secrets RENAME TO elsewhere`;
      return loadEnvironmentSecrets(tx, cipher, workspaceId);
    });
    await expect(read).rejects.toThrow('workspace_secrets');
  });
});

describe('the model', () => {
  const write = (model: string) => db.$transaction((tx) => writeModel(tx, cipher, workspaceId, model));
  const read = () => readModel(db, cipher, workspaceId);

  test('is nobody’s choice until it is set; a global secret is not asked', async () => {
    await saveGlobal('MODEL_PROVIDER', 'global');
    expect(await read()).toBeNull();
  });

  test.each(['vendor/model', 'provider:model', 'anything at all'])('is kept as it was written: %s', async (model) => {
    expect(await write(model)).toBe('saved');
    expect(await read()).toBe(model);
  });

  test('is the secret MODEL_PROVIDER, sealed like any other', async () => {
    await write('vendor/model');
    expect(await stored('MODEL_PROVIDER')).toMatchObject({ encryptionVersion: 1 });
    expect(await bundle()).toEqual({ MODEL_PROVIDER: 'vendor/model' });
    await save('MODEL_PROVIDER', 'by the secret route');
    expect(await read()).toBe('by the secret route');
  });

  test('is cleared by an empty text, also when it was not set', async () => {
    await write('vendor/model');
    expect(await write('')).toBe('cleared');
    expect(await write('')).toBe('cleared');
    expect(await read()).toBeNull();
    expect(await db.workspaceSecret.count()).toBe(0);
  });

  test('that cannot be read is an error, not the default', async () => {
    await store('MODEL_PROVIDER', otherCipher.seal('vendor/model'), 1);
    await expect(read()).rejects.toMatchObject({ code: 'INTERNAL', message: 'failed to decrypt' });
  });

  test('is refused for a workspace that does not exist, set or cleared', async () => {
    for (const model of ['vendor/model', '']) {
      await expect(writeModel(db, cipher, randomUUID(), model)).rejects.toMatchObject({ code: 'WORKSPACE_NOT_FOUND' });
    }
  });
});
