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

test('remembers the newest keys of a flood, and no more than it has room for', () => {
  const limiter = new RateLimiter(1, 1_000, () => 0);
  for (let n = 0; n < 110_000; n += 1) limiter.hit(`key ${n}`);
  expect(limiter.size).toBeLessThanOrEqual(100_000);
  expect(limiter.hit('key 109999').exceeded).toBe(true);
  expect(limiter.hit('key 20000').exceeded).toBe(true);
  expect(limiter.hit('key 0').exceeded).toBe(false);
});

test('a key whose window began anew is not the oldest any more', () => {
  let now = 0;
  const limiter = new RateLimiter(1, 1_000, () => now);
  limiter.hit('again');
  now = 500;
  for (let n = 0; n < 20_000; n += 1) limiter.hit(`old ${n}`);
  now = 1_000;
  limiter.hit('again');
  for (let n = 0; n < 80_000; n += 1) limiter.hit(`key ${n}`);
  expect([limiter.hit('again').exceeded, limiter.hit('old 0').exceeded]).toEqual([true, false]);
});
