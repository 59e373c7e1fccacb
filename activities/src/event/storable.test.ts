import { expect, test } from 'vitest';
import { storableJson, storableText } from './storable.ts';

test.each([
  ['plain', 'plain'],
  ['a\0b', 'a\u{fffd}b'],
  ['\ud83d', '\u{fffd}'],
  ['\u{1f600}', '\u{1f600}'],
])('keeps of %j what Postgres can keep', (text, kept) => {
  expect(storableText(text)).toBe(kept);
  expect(JSON.parse(storableJson({ [text]: [text] }))).toEqual({ [kept]: [kept] });
});

test('leaves an escaped backslash before the letters of an escape alone', () => {
  const value = { path: 'C:\\u0000\\ud83d', quote: '"\n\\' };
  expect(JSON.parse(storableJson(value))).toEqual(value);
});

test('writes an absent value as null', () => {
  expect(storableJson(undefined)).toBe('null');
});
