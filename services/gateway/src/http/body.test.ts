import { askedSeed } from '@holdfast/infra/testing/chance';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidBody } from '../problem/invalid-body.ts';
import { parseBody } from './body.ts';

test('reads whatever JSON writes', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = JSON.stringify(value);
      fc.pre(!text.includes('\\u0000') && !/\\ud[89a-f]/i.test(text));
      expect(parseBody(text)).toEqual(JSON.parse(text));
    }),
    askedSeed,
  );
});

test.each([['{"a":1} trailing'], ['{"a":1}{"b":2}'], ['{"a":1}]']])('reads the first value of %s', (text) => {
  expect(parseBody(text)).toEqual({ a: 1 });
});

test.each([[''], ['  \n']])('takes an empty body for none: "%s"', (text) => {
  expect(parseBody(text)).toBeUndefined();
});

describe('refuses', () => {
  test.each([
    ['{'],
    ['{"a":}'],
    ['nope'],
    ['[1,'],
    ['"\u0001"'],
    ['{"a":"\\u0000"}'],
    ['{"\\u0000":1}'],
    ['[["x\\u0000"]]'],
    ["{'a':1}"],
  ])('%j', (text) => {
    expect(() => parseBody(text)).toThrow(InvalidBody);
  });
});

test('refuses what is nested deeper than readers can take, however deep', () => {
  const nested = (depth: number) => `{"a":${'['.repeat(depth)}"\\ud83d"${']'.repeat(depth)}}`;
  expect(() => parseBody(nested(50))).not.toThrow();
  for (const depth of [70, 20_000, 400_000]) expect(() => parseBody(nested(depth))).toThrow(InvalidBody);
});

test('mends a NUL where it is told to', () => {
  expect(parseBody('{"a\\u0000":["b\\u0000\\ud83d"]}', true)).toEqual({ 'a\uFFFD': ['b\uFFFD\uFFFD'] });
});

test('keeps an escaped backslash before u0000', () => {
  expect(parseBody('{"a":"\\\\u0000"}')).toEqual({ a: '\\u0000' });
});

test('replaces half a surrogate pair and keeps a whole one', () => {
  expect(parseBody('{"cut":"ab\\ud83d","whole":"\\ud83d\\ude00"}')).toEqual({ cut: 'ab\uFFFD', whole: '😀' });
});
