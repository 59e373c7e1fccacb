import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../root.ts';
import { invariants } from './invariants.ts';

const table = invariants();
const tests = table.flatMap((row) => row.tests);

describe('the invariants', () => {
  test('are few enough to be read, and each is held by a test', () => {
    expect(table.length).toBeGreaterThan(10);
    expect(table.length).toBeLessThanOrEqual(20);
    expect(table.filter((row) => row.tests.length === 0)).toEqual([]);
  });

  test.each(tests)('name a test there is: $file “$title”', ({ file, title }) => {
    const whole = path.join(root, file);
    expect(existsSync(whole)).toBe(true);
    const source = readFileSync(whole, 'utf8');
    const quoted = ["'", '"', '`'].map((mark) => `${mark}${title}${mark}`);
    expect(quoted.some((literal) => source.includes(literal))).toBe(true);
  });
});
