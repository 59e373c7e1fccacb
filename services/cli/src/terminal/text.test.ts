import { expect, test } from 'vitest';
import { count, cut, padEnd, printable, printableLines, widthOf } from './text.ts';

test('takes what could rewrite a screen out of a text, and keeps it on one line', () => {
  expect(printable('a\u001B[2Jb\r\nc\td\u0000\u009B')).toBe('a\uFFFD[2Jb c d\uFFFD\uFFFD');
  expect(printable('safe\u202Eexe.txt\u2066')).toBe('safe\uFFFDexe.txt\uFFFD');
  expect(printable('Grüße, 世界 👋')).toBe('Grüße, 世界 👋');
});

test('keeps the lines of a text that may have several', () => {
  expect(printableLines('a\n b\u0007\r\nc')).toBe('a\n b\uFFFD\nc');
});

test.each([
  ['plain', 5],
  ['\u001B[31mred\u001B[39m', 3],
  ['世界', 4],
  ['👋', 2],
  ['e\u0301', 1],
  ['', 0],
])('counts the columns of %j', (text, width) => expect(widthOf(text)).toBe(width));

test.each([
  ['short', 10, 'short'],
  ['exactly', 7, 'exactly'],
  ['too long', 6, 'too l…'],
  ['a word here', 7, 'a word…'],
  ['世界世界', 5, '世界…'],
  ['世界世界', 4, '世…'],
  ['x', 0, ''],
])('cuts %j to %i columns', (text, columns, expected) => expect(cut(text, columns)).toBe(expected));

test('pads by what is seen, not by what is stored', () => {
  expect(padEnd('世', 4)).toBe('世  ');
});

test('counts things in words', () => {
  expect([count(1, 'box', 'boxes'), count(0, 'box', 'boxes'), count(2, 'route')]).toEqual([
    '1 box',
    '0 boxes',
    '2 routes',
  ]);
});
