import { expect, test } from 'vitest';
import { statementNames } from './statement-names.ts';

test('gives one text one name, and another text another', () => {
  const nameOf = statementNames();
  const first = nameOf({ sql: 'SELECT 1' });
  expect(nameOf({ sql: 'SELECT 2' })).not.toBe(first);
  expect(nameOf({ sql: 'SELECT 1' })).toBe(first);
});

test('names no more texts than it may, and keeps the names it gave', () => {
  const nameOf = statementNames(2);
  const [one, two] = ['SELECT 1', 'SELECT 2'].map((sql) => nameOf({ sql }));
  expect(nameOf({ sql: 'SELECT 3' })).toBe('');
  expect([nameOf({ sql: 'SELECT 1' }), nameOf({ sql: 'SELECT 2' })]).toEqual([one, two]);
});
