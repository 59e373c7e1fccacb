import { expect, test } from 'vitest';
import { isShallow } from './json-depth.ts';

const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

test.each([
  ['text', true],
  [null, true],
  [{ a: [{ b: 1 }] }, true],
])('takes %j: %s', (value, shallow) => {
  expect(isShallow(value)).toBe(shallow);
});

test('takes sixty-four levels and no more, without a recursion that could break', () => {
  expect(isShallow(nested(64))).toBe(true);
  expect(isShallow(nested(66))).toBe(false);
  expect(isShallow(nested(200_000))).toBe(false);
});
