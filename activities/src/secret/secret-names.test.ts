import { describe, expect, test } from 'vitest';
import { checkSecret, isReservedName } from './secret-names.ts';

describe('checkSecret', () => {
  test.each(['A', '_', 'a', 'API_KEY', 'x9', 'MODEL_PROVIDER', 'GIT_AUTHOR_NAME', 'Path', `A${'B'.repeat(127)}`])(
    'takes the name %s',
    (key) => expect(() => checkSecret(key, 'value')).not.toThrow(),
  );

  test.each(['', '9A', 'A-B', 'A B', 'A.B', 'É', 'A=B', 'A\n', 'A\0', `A${'B'.repeat(128)}`])(
    'refuses the name %j',
    (key) => {
      expect(() => checkSecret(key, 'value')).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
    },
  );

  test.each([
    'PLATFORM_URL',
    'WORKSPACE_ID',
    'PATH',
    'MOLECULE_URL',
    'WORKSPACE_CONFIG_PATH',
    'TIER',
    'PLUGINS_DIR',
    'PYTHONPATH',
    'PARENT_ID',
    'AWARENESS_NAMESPACE',
    'HOLDFAST_NONCE',
    'HOLDFAST_ANYTHING',
    'LD_PRELOAD',
    'LD_LIBRARY_PATH',
    'DYLD_INSERT_LIBRARIES',
    'NODE_OPTIONS',
  ])('refuses the name %s: it is the platform’s', (key) => {
    expect(isReservedName(key)).toBe(true);
    expect(() => checkSecret(key, 'value')).toThrow(`"${key}" is reserved`);
  });

  test.each([
    ['an empty value', ''],
    ['a value with a zero byte', 'a\0b'],
    ['a value with half a character', 'a\ud800b'],
    ['a value no process can be started with', 'x'.repeat(131_072 - 129)],
  ])('refuses %s', (_, value) => {
    expect(() => checkSecret('KEY', value)).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
  });

  test.each([
    ['many lines', '-----BEGIN KEY-----\nabc\r\n\tdef\n'],
    ['any script', 'ключ 鍵 🔑'],
    ['the most bytes', 'x'.repeat(131_072 - 130)],
  ])('takes a value of %s', (_, value) => {
    expect(() => checkSecret('KEY', value)).not.toThrow();
  });

  test('counts bytes, not characters, of a value', () => {
    expect(() => checkSecret('KEY', 'é'.repeat(70_000))).toThrow('too long');
  });

  test.each(['PATH', 'KEY'])('keeps the refused value of %s out of the error', (key) => {
    const refused = () => checkSecret(key, 'hunter2\0');
    expect(refused).toThrow(expect.objectContaining({ message: expect.not.stringContaining('hunter2') }));
  });
});
