import { expect, test } from 'vitest';
import { age, between, duration, parseDuration } from './time.ts';

test.each([
  [0, '0 ms'],
  [999.4, '999 ms'],
  [1_000, '1.0 s'],
  [59_999, '59.9 s'],
  [60_000, '1m 00s'],
  [125_400, '2m 05s'],
  [3_600_000, '1h 00m'],
  [11_520_000, '3h 12m'],
  [86_400_000, '1d 00h'],
  [7_776_000_000, '90d 00h'],
  [-5, '0 ms'],
])('says %i ms for people', (ms, text) => expect(duration(ms)).toBe(text));

test.each([
  ['90s', 90_000],
  ['10m', 600_000],
  ['1h30m', 5_400_000],
  ['250ms', 250],
  ['1.5s', 1_500],
  ['2d', 172_800_000],
  ['45', 45_000],
])('reads %s', (text, ms) => expect(parseDuration(text)).toBe(ms));

test.each(['', 'soon', '10 m', '-5s', 's', '1h-30m', '1e3'])('reads no duration in %j', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test('says how long ago something was, and nothing for what never was', () => {
  const now = Date.parse('2026-01-02T00:00:00Z');
  expect(age('2026-01-01T23:59:30Z', now)).toBe('30s');
  expect(age('2026-01-01T12:00:00Z', now)).toBe('12h');
  expect(age('2026-01-02T00:00:05Z', now)).toBe('0s');
  expect([age(null, now), age('nonsense', now)]).toEqual(['', '']);
});

test('measures between two moments only when both are known', () => {
  expect(between('2026-01-01T00:00:00Z', '2026-01-01T00:00:01.5Z')).toBe(1_500);
  expect(between('2026-01-01T00:00:00Z', null)).toBeUndefined();
});
