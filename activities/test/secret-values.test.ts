import { inspect } from 'node:util';
import { secretBundle } from '@holdfast/activities/secret/secret-bundle';
import { loadEnvironmentSecrets } from '@holdfast/activities/secret/secret-values';
import { describe, expect, test } from 'vitest';
import { bytes, cipher, otherCipher, givenSecrets } from './given-secrets.ts';

const given = await givenSecrets();

describe('the bundle of values', () => {
  test('is the global ones with the workspace’s own over them', async () => {
    await given.saveGlobal('SHARED', 'global');
    await given.saveGlobal('GLOBAL', 'global');
    await given.save('SHARED', 'own');
    expect(await given.bundle()).toEqual({ SHARED: 'own', GLOBAL: 'global' });
  });

  test('reads rows that were written in the clear before there was a key', async () => {
    await given.store('OLD', bytes('plain é'), 0);
    expect(await given.bundle()).toEqual({ OLD: 'plain é' });
  });

  test.each([
    ['sealed with another key', () => otherCipher.seal('hunter2'), 1],
    ['sealed and then cut off', () => cipher.seal('hunter2').slice(0, 20), 1],
    ['written in the clear but marked as sealed', () => bytes('hunter2'), 1],
    ['sealed by a newer release', () => cipher.seal('hunter2'), 2],
  ])('is refused whole for a value %s', async (_, value, version) => {
    await given.save('GOOD', 'good');
    await given.store('BAD', value(), version);
    await given.storeGlobal('BAD_TOO', value(), version);
    await expect(given.bundle()).rejects.toMatchObject({
      code: 'INTERNAL',
      message: 'one or more secrets failed to decrypt; refusing to return partial bundle',
      facts: { failed_keys: ['global:BAD_TOO', 'workspace:BAD'] },
    });
  });

  test('says nothing of a value when it is refused', async () => {
    await given.save('GOOD', 'hunter2');
    await given.store('BAD', bytes('hunter2'), 7);
    const error: unknown = await given.bundle().catch((reason: unknown) => reason);
    expect(inspect(error, { depth: 10 })).not.toContain('hunter2');
  });

  test('is refused, not empty, when a table cannot be read', async () => {
    await given.save('GOOD', 'good');
    const read = given.db.$transaction(async (tx) => {
      await tx.$executeRaw`ALTER TABLE global_secrets RENAME TO elsewhere`;
      return secretBundle(tx, cipher, given.workspaceId);
    });
    await expect(read).rejects.toThrow('global_secrets');
  });

  test('keeps a name that objects treat specially', async () => {
    await given.save('__proto__', 'value');
    expect(JSON.stringify(await given.bundle())).toBe('{"__proto__":"value"}');
  });
});

describe('the environment of a box', () => {
  const environment = () => loadEnvironmentSecrets(given.db, cipher, given.workspaceId);

  test('gets the global secrets with the workspace’s own over them', async () => {
    await given.saveGlobal('SHARED', 'global');
    await given.saveGlobal('GLOBAL', 'global');
    await given.save('SHARED', 'own');
    expect(await environment()).toEqual(
      new Map([
        ['GLOBAL', 'global'],
        ['SHARED', 'own'],
      ]),
    );
  });

  test('never gets a reserved name, though an older row has one', async () => {
    await given.store('PLATFORM_URL', bytes('http://elsewhere'), 0);
    await given.storeGlobal('LD_PRELOAD', bytes('/tmp/evil.so'), 0);
    await given.save('FINE', 'yes');
    expect(await environment()).toEqual(new Map([['FINE', 'yes']]));
  });

  test('fails for good with the contract’s text for a workspace secret', async () => {
    await given.store('BAD', otherCipher.seal('hunter2'), 1);
    await expect(environment()).rejects.toMatchObject({
      type: 'WORKSPACE_SECRET_UNREADABLE',
      message: 'failed to decrypt workspace secret',
      nonRetryable: true,
    });
  });

  test('fails for good with the contract’s text for a global secret, even one that is overridden', async () => {
    await given.storeGlobal('BAD', cipher.seal('hunter2'), 9);
    await given.save('BAD', 'fine');
    await expect(environment()).rejects.toMatchObject({
      type: 'GLOBAL_SECRET_UNREADABLE',
      message: 'failed to decrypt global secret',
      nonRetryable: true,
    });
  });

  test('names neither key nor version nor value in its failure', async () => {
    await given.store('BAD_KEY_NAME', bytes('hunter2'), 42);
    const error: unknown = await environment().catch((reason: unknown) => reason);
    const { message, details } = error as { message: string; details: unknown };
    expect(JSON.stringify({ message, details })).not.toMatch(/hunter2|BAD_KEY_NAME|42/);
  });

  test('fails, rather than being empty, when a table cannot be read', async () => {
    const read = given.db.$transaction(async (tx) => {
      await tx.$executeRaw`ALTER TABLE workspace_secrets RENAME TO elsewhere`;
      return loadEnvironmentSecrets(tx, cipher, given.workspaceId);
    });
    await expect(read).rejects.toThrow('workspace_secrets');
  });
});
