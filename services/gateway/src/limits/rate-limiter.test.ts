import { expect, test } from 'vitest';
import { RateLimiter } from './rate-limiter.ts';

test('opens again when the window that began with the first request is over', () => {
  let now = 0;
  const limiter = new RateLimiter(2, 1_000, () => now);
  expect([limiter.hit('a').exceeded, limiter.hit('a').exceeded, limiter.hit('a').exceeded]).toEqual([
    false,
    false,
    true,
  ]);
  now = 999;
  expect(limiter.hit('a')).toEqual({ limit: 2, remaining: 0, resetSeconds: 1, exceeded: true });
  now = 1_000;
  expect(limiter.hit('a')).toEqual({ limit: 2, remaining: 1, resetSeconds: 1, exceeded: false });
});

test('counts each key by itself', () => {
  const limiter = new RateLimiter(1, 1_000, () => 0);
  expect([limiter.hit('a').exceeded, limiter.hit('b').exceeded, limiter.hit('a').exceeded]).toEqual([
    false,
    false,
    true,
  ]);
});

test('forgets keys whose window is over', () => {
  let now = 0;
  const limiter = new RateLimiter(1, 1_000, () => now);
  for (let n = 0; n < 1_000; n += 1) limiter.hit(`key ${n}`);
  now = 5_000;
  limiter.hit('another');
  expect(limiter.size).toBe(1);
});
