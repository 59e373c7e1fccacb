import { expect, test } from 'vitest';
import { centsValue, durationValue, jsonObjectValue, listOf, wholeValue } from './values.ts';

test('reads dollars into cents without losing one', () => {
  expect([centsValue('20'), centsValue('12.5'), centsValue('0.29'), centsValue('1.1')]).toEqual([
    2_000, 1_250, 29, 110,
  ]);
});

test.each(['-1', '1.234', '1,50', 'free', '', '1e3'])('reads no amount in %j', (text) => {
  expect(() => centsValue(text)).toThrow('in dollars');
});

test('takes whole numbers in their range only', () => {
  expect(wholeValue(1, 4)('4')).toBe(4);
  for (const text of ['0', '5', '1.5', 'one', '', '0x1']) expect(() => wholeValue(1, 4)(text)).toThrow('from 1 to 4');
});

test('refuses to wait for no time at all', () => {
  expect(() => durationValue('0s')).toThrow('90s');
});

test('takes a JSON object and nothing else', () => {
  expect(jsonObjectValue('{"provider":"aws"}')).toEqual({ provider: 'aws' });
  for (const text of ['[]', 'null', '"x"', '{']) expect(() => jsonObjectValue(text)).toThrow('JSON');
});

test('gathers a list over commas and repetitions, and knows its members', () => {
  const list = listOf(['online', 'failed', 'removed']);
  expect(list('failed, removed', list('online'))).toEqual(['online', 'failed', 'removed']);
  expect(() => list('onlin')).toThrow('online, failed, removed');
});
