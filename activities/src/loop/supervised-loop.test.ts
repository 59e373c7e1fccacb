import { expect, test } from 'vitest';
import { pauseAfter } from './supervised-loop.ts';

test('a loop rests for its period, and after failures in a row for 1 s, doubling to 30 s', () => {
  const pauses = Array.from({ length: 8 }, (_, failures) => pauseAfter(failures, 500));
  expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  expect(pauseAfter(1_000, 500)).toBe(30_000);
});
