import { randomUUID } from 'node:crypto';
import { deleteGlobalSecret, listGlobalSecrets } from '@holdfast/activities/secret/global-secrets';
import {
  deleteWorkspaceSecret,
  listWorkspaceSecrets,
  saveWorkspaceSecret,
} from '@holdfast/activities/secret/workspace-secrets';
import { describe, expect, test } from 'vitest';
import { bytes, cipher, givenSecrets } from './given-secrets.ts';
import { givenWorkspace } from './given-workspace.ts';

const given = await givenSecrets();

describe('saving', () => {
  test('writes version 1 and a value that is not the value', async () => {
    await given.save('API_KEY', 'hunter2');
    const row = await given.stored('API_KEY');
    expect(row.encryptionVersion).toBe(1);
    expect(Buffer.from(row.encryptedValue).includes('hunter2')).toBe(false);
    expect(cipher.open(row.encryptedValue)).toBe('hunter2');
  });

  test('again replaces the value and its time, and keeps the row', async () => {
    await given.save('API_KEY', 'old');
    await given.db.workspaceSecret.updateMany({
      where: { workspaceId: given.workspaceId },
      data: { updatedAt: new Date(0) },
    });
    const before = await given.stored('API_KEY');
    await given.save('API_KEY', 'new');
    const after = await given.stored('API_KEY');
    expect(cipher.open(after.encryptedValue)).toBe('new');
    expect(after).toMatchObject({ id: before.id, createdAt: before.createdAt });
    expect(after.updatedAt.getTime()).toBeGreaterThan(before.updatedAt.getTime());
  });

  test('again upgrades a row that was written in the clear', async () => {
    await given.store('API_KEY', bytes('plain'), 0);
    await given.save('API_KEY', 'sealed now');
    expect(await given.stored('API_KEY')).toMatchObject({ encryptionVersion: 1 });
    expect(await given.bundle()).toEqual({ API_KEY: 'sealed now' });
  });

  test.each(['PATH', 'WORKSPACE_ID', 'HOLDFAST_NONCE', 'LD_PRELOAD', '9LIVES', 'A-B', ''])(
    'refuses the name %j and writes nothing',
    async (key) => {
      await expect(given.save(key, 'value')).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
      await expect(given.saveGlobal(key, 'value')).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
      expect(await listWorkspaceSecrets(given.db, given.workspaceId)).toEqual([]);
    },
  );

  test('refuses a workspace that does not exist or is removed', async () => {
    const removed = await givenWorkspace(given.db, { status: 'removed' });
    for (const id of [randomUUID(), removed]) {
      const refused = given.db.$transaction((tx) =>
        saveWorkspaceSecret(tx, cipher, { workspaceId: id, key: 'KEY', value: 'x' }),
      );
      await expect(refused).rejects.toMatchObject({ code: 'WORKSPACE_NOT_FOUND' });
    }
    expect(await given.db.workspaceSecret.count()).toBe(0);
  });

  test('of one name by many at once leaves one row', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, index) => given.save('API_KEY', `value ${index}`)));
    await Promise.all(Array.from({ length: 20 }, (_, index) => given.saveGlobal('API_KEY', `value ${index}`)));
    expect(await given.db.workspaceSecret.count()).toBe(1);
    expect(await given.db.globalSecret.count()).toBe(1);
  });

  test('leaves nothing when the transaction around it fails', async () => {
    const failed = given.db.$transaction(async (tx) => {
      await saveWorkspaceSecret(tx, cipher, { workspaceId: given.workspaceId, key: 'API_KEY', value: 'x' });
      throw new Error('no restart could be requested');
    });
    await expect(failed).rejects.toThrow();
    expect(await given.db.workspaceSecret.count()).toBe(0);
  });
});

describe('listing', () => {
  test('shows the workspace’s own by name, then the global ones it does not override', async () => {
    for (const key of ['b', 'SHARED', 'A']) await given.save(key, 'own');
    for (const key of ['Z', 'SHARED', 'GLOBAL']) await given.saveGlobal(key, 'global');
    const lines = await listWorkspaceSecrets(given.db, given.workspaceId);
    expect(lines.map(({ scope, key }) => `${scope}:${key}`)).toEqual([
      'workspace:A',
      'workspace:SHARED',
      'workspace:b',
      'global:GLOBAL',
      'global:Z',
    ]);
  });

  test('shows nothing of another workspace', async () => {
    await given.save('API_KEY', 'own');
    expect(await listWorkspaceSecrets(given.db, await givenWorkspace(given.db))).toEqual([]);
  });

  test('of global secrets is by name', async () => {
    for (const key of ['b', 'C', 'A']) await given.saveGlobal(key, 'x');
    expect((await listGlobalSecrets(given.db)).map(({ key }) => key)).toEqual(['A', 'C', 'b']);
  });

  test('never shows a value, in the clear or sealed', async () => {
    await given.save('API_KEY', 'hunter2');
    await given.saveGlobal('OTHER', 'hunter2');
    const shown = [
      ...(await listWorkspaceSecrets(given.db, given.workspaceId)),
      ...(await listGlobalSecrets(given.db)),
    ];
    for (const line of shown) expect(Object.keys(line).toSorted()).toEqual(['createdAt', 'key', 'scope', 'updatedAt']);
  });
});

describe('deleting', () => {
  test('takes away the workspace’s own, and the global one shows again', async () => {
    await given.saveGlobal('API_KEY', 'global');
    await given.save('API_KEY', 'own');
    await given.db.$transaction((tx) => deleteWorkspaceSecret(tx, given.workspaceId, 'API_KEY'));
    expect(await given.bundle()).toEqual({ API_KEY: 'global' });
  });

  test('refuses a name that is not there: inherited, foreign or unknown', async () => {
    await given.saveGlobal('INHERITED', 'global');
    const other = await givenWorkspace(given.db);
    await given.save('FOREIGN', 'own');
    for (const [id, key] of [
      [given.workspaceId, 'INHERITED'],
      [other, 'FOREIGN'],
      [given.workspaceId, 'UNKNOWN'],
      [randomUUID(), 'FOREIGN'],
    ] as const) {
      await expect(deleteWorkspaceSecret(given.db, id, key)).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: 'secret not found',
      });
    }
    await expect(deleteGlobalSecret(given.db, 'FOREIGN')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'secret not found',
    });
    expect(await given.bundle()).toEqual({ INHERITED: 'global', FOREIGN: 'own' });
  });

  test('takes a name that could not be saved today', async () => {
    await given.store('LD_PRELOAD', bytes('from an older release'), 0);
    await deleteWorkspaceSecret(given.db, given.workspaceId, 'LD_PRELOAD');
    expect(await given.db.workspaceSecret.count()).toBe(0);
  });

  test('of a global secret leaves the workspaces’ own', async () => {
    await given.saveGlobal('API_KEY', 'global');
    await given.save('API_KEY', 'own');
    await deleteGlobalSecret(given.db, 'API_KEY');
    expect(await given.bundle()).toEqual({ API_KEY: 'own' });
  });
});
