import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { exitOfStatus, exits, exitTable } from './exit-codes.ts';

test('means one thing by each code', () => {
  const codes = Object.values(exits).map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
});

test('prints every code with its meaning', () => {
  for (const { code, means } of Object.values(exits)) expect(exitTable()).toContain(`${code}  ${means}`);
});

// Scripts rely on these numbers.
test.each([
  [400, 2],
  [401, 5],
  [403, 5],
  [404, 3],
  [409, 4],
  [410, 3],
  [412, 4],
  [413, 2],
  [422, 2],
  [429, 6],
  [500, 1],
  [501, 1],
  [502, 6],
  [503, 6],
  [504, 1],
  [301, 1],
])('ends a refusal with HTTP %i with %i', (status, code) => expect(exits[exitOfStatus(status)].code).toBe(code));

test('the README has the same table', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const rows = [...readme.matchAll(/^\| (\d+) +\| (.*?) *\|$/gm)].map(([, code, means]) => ({
    code: Number(code),
    means,
  }));
  expect(rows).toEqual(Object.values(exits));
});
