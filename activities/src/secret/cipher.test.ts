import { createDecipheriv, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createCipher, parseKey } from './cipher.ts';

const key = randomBytes(32).toString('base64');

function textOf(refused: () => unknown): string {
  try {
    refused();
  } catch (error) {
    return inspect(error);
  }
  throw new Error('was not refused');
}

describe('parseKey', () => {
  test('takes standard base64 of 32 bytes', () => {
    const bytes = randomBytes(32);
    expect(parseKey(bytes.toString('base64'))).toEqual(bytes);
  });

  test('takes 32 raw bytes that are not base64', () => {
    const raw = 'raw key of 32 bytes, not base64!';
    expect(parseKey(raw).toString('utf8')).toBe(raw);
  });

  test.each([
    ['a raw 32-character text that is also base64: it decodes to 24 bytes', 'abcdefghijklmnopqrstuvwxyz012345'],
    ['base64 of 31 bytes', randomBytes(31).toString('base64')],
    ['base64 of 33 bytes', randomBytes(33).toString('base64')],
    ['the url alphabet of base64', Buffer.alloc(32, 0xfb).toString('base64url')],
    ['33 raw bytes', 'raw key of 33 bytes, not base64!!'],
    ['32 characters that are more than 32 bytes', 'raw key of 32 bytes, not base64é'],
    ['nothing', ''],
  ])('refuses %s', (_, text) => {
    expect(() => parseKey(text)).toThrow(RangeError);
  });

  test('names no part of a key it refuses', () => {
    expect(textOf(() => parseKey('hunter2'))).not.toContain('hunter2');
  });
});

describe('a cipher', () => {
  const cipher = createCipher(key);

  test.each([
    ['nothing', ''],
    ['a short text', 'x'],
    ['any script', '– ключ 鍵 🔑'],
    ['a long text', 'a'.repeat(100_000)],
  ])('opens what it sealed: %s', (_, plain) => {
    expect(cipher.open(cipher.seal(plain))).toBe(plain);
  });

  test('lays a value out as nonce, ciphertext and tag', () => {
    const sealed = Buffer.from(cipher.seal('value'));
    expect(sealed.length).toBe(12 + 'value'.length + 16);
    const plain = createDecipheriv('aes-256-gcm', Buffer.from(key, 'base64'), sealed.subarray(0, 12));
    plain.setAuthTag(sealed.subarray(-16));
    expect(Buffer.concat([plain.update(sealed.subarray(12, -16)), plain.final()]).toString()).toBe('value');
  });

  test('never seals a value twice the same way', () => {
    expect(cipher.seal('value')).not.toEqual(cipher.seal('value'));
  });

  test('refuses a value with any byte changed', () => {
    const sealed = cipher.seal('value');
    for (const index of sealed.keys()) {
      const changed = sealed.map((byte, at) => (at === index ? byte ^ 1 : byte));
      expect(() => cipher.open(changed)).toThrow();
    }
  });

  test.each([0, 1, 11, 12, 27])('refuses %i bytes: too few for nonce and tag', (length) => {
    expect(() => cipher.open(new Uint8Array(length))).toThrow();
  });

  test('refuses a value sealed with another key', () => {
    const other = createCipher(randomBytes(32).toString('base64'));
    expect(() => other.open(cipher.seal('value'))).toThrow();
  });

  test('says nothing of the value or the key when it refuses', () => {
    const sealed = cipher.seal('hunter2');
    sealed[20]! ^= 1;
    const text = textOf(() => cipher.open(sealed));
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain(key);
  });
});

describe('fingerprint', () => {
  test('is the same for the same text under the same key', () => {
    expect(createCipher(key).fingerprint('a text')).toEqual(createCipher(key).fingerprint('a text'));
  });

  test('says nothing without the key: another one gives another fingerprint', () => {
    const other = createCipher(randomBytes(32).toString('base64'));
    expect(other.fingerprint('a text')).not.toEqual(createCipher(key).fingerprint('a text'));
  });
});
