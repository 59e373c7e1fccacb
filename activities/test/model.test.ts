import { randomUUID } from 'node:crypto';
import { readModel, writeModel } from '@holdfast/activities/secret/model';
import { describe, expect, test } from 'vitest';
import { cipher, otherCipher, givenSecrets } from './given-secrets.ts';

const given = await givenSecrets();

describe('the model', () => {
  const write = (model: string) => given.db.$transaction((tx) => writeModel(tx, cipher, given.workspaceId, model));
  const read = () => readModel(given.db, cipher, given.workspaceId);

  test('is nobody’s choice until it is set; a global secret is not asked', async () => {
    await given.saveGlobal('MODEL_PROVIDER', 'global');
    expect(await read()).toBeNull();
  });

  test.each(['vendor/model', 'provider:model', 'anything at all'])('is kept as it was written: %s', async (model) => {
    expect(await write(model)).toBe('saved');
    expect(await read()).toBe(model);
  });

  test('is the secret MODEL_PROVIDER, sealed like any other', async () => {
    await write('vendor/model');
    expect(await given.stored('MODEL_PROVIDER')).toMatchObject({ encryptionVersion: 1 });
    expect(await given.bundle()).toEqual({ MODEL_PROVIDER: 'vendor/model' });
    await given.save('MODEL_PROVIDER', 'by the secret route');
    expect(await read()).toBe('by the secret route');
  });

  test('is cleared by an empty text, also when it was not set', async () => {
    await write('vendor/model');
    expect(await write('')).toBe('cleared');
    expect(await write('')).toBe('cleared');
    expect(await read()).toBeNull();
    expect(await given.db.workspaceSecret.count()).toBe(0);
  });

  test('that cannot be read is an error, not the default', async () => {
    await given.store('MODEL_PROVIDER', otherCipher.seal('vendor/model'), 1);
    await expect(read()).rejects.toMatchObject({ code: 'INTERNAL', message: 'failed to decrypt' });
  });

  test('is refused for a workspace that does not exist, set or cleared', async () => {
    for (const model of ['vendor/model', '']) {
      await expect(writeModel(given.db, cipher, randomUUID(), model)).rejects.toMatchObject({
        code: 'WORKSPACE_NOT_FOUND',
      });
    }
  });
});
