import { describe, expect, test } from 'vitest';
import { missingText, missingVariables } from './preflight.ts';

const missing = (yaml: string, env: Record<string, string> = {}) =>
  missingVariables(yaml, new Map(Object.entries(env)));

describe('missingVariables', () => {
  test.each<[string, string, Record<string, string>, string[]]>([
    ['nothing where all are there', 'runtime_config: {required_env: [A]}', { A: '1' }, []],
    ['what is absent', 'runtime_config: {required_env: [A, B]}', { A: '1' }, ['B']],
    ['what is empty', 'runtime_config: {required_env: [A]}', { A: '' }, ['A']],
    ['each name once', 'runtime_config: {required_env: [A, A]}', {}, ['A']],
    ['names only, whatever else is listed', 'runtime_config: {required_env: [A, 7, null, {x: 1}, ""]}', {}, ['A']],
    ['nothing where nothing is required', 'name: x', {}, []],
    ['nothing of a list that is none', 'runtime_config: {required_env: A}', {}, []],
    ['nothing of a file that is a list', '[1]', {}, []],
    ['nothing of an empty file', '', {}, []],
  ])('names %s', (_, yaml, env, expected) => {
    expect(missing(yaml, env)).toEqual(expected);
  });

  test('cannot tell of a file that is no YAML', () => {
    expect(missing('a: [')).toBeNull();
  });
});

describe('missingText', () => {
  test('says what to do about one', () => {
    expect(missingText(['X'])).toBe(
      'missing required env var "X" — add it under Config → Env Vars (or as a Global secret) and retry',
    );
  });

  test('says what to do about several', () => {
    expect(missingText(['A', 'B'])).toBe(
      'missing required env vars A, B — add them under Config → Env Vars (or as Global secrets) and retry',
    );
  });
});
