import { askedSeed } from '@holdfast/infra/testing/chance';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { defaultConfig } from './default-config.ts';

const facts = { name: 'Bot', role: 'reviewer', tier: 2, runtime: 'claude-code', model: null };

describe('defaultConfig', () => {
  test('says all that an agent needs', () => {
    expect(parse(defaultConfig(facts))).toEqual({
      name: 'Bot',
      description: 'reviewer',
      version: '1.0.0',
      tier: 2,
      runtime: 'claude-code',
      model: 'sonnet',
      runtime_config: { timeout: 0 },
    });
  });

  test.each([
    ['the model that was asked for', 'claude-code', 'gpt', 'gpt'],
    ['the short name for claude-code', 'claude-code', null, 'sonnet'],
    ['the full name for others', 'langgraph', '', 'anthropic:claude-opus-4-7'],
  ])('names %s', (_, runtime, model, expected) => {
    expect(parse(defaultConfig({ ...facts, runtime, model }))).toMatchObject({ model: expected });
  });

  test.each(['langgraph', 'deepagents'])('leaves the limits of %s to it', (runtime) => {
    expect(parse(defaultConfig({ ...facts, runtime }))).not.toHaveProperty('runtime_config');
  });

  test('requires no variables: it cannot know them', () => {
    expect(defaultConfig(facts)).not.toContain('required_env');
  });

  test('keeps any text a text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), (name, role) => {
        expect(parse(defaultConfig({ ...facts, name, role }))).toMatchObject({
          name,
          description: role,
          tier: 2,
          model: 'sonnet',
        });
      }),
      askedSeed,
    );
  });

  test.each([
    'x\nruntime_config: {required_env: [A]}',
    '"\ntier: 9',
    "' #",
    '{a: b}',
    '*alias',
    '!!js/function x',
    '\u2028tier: 9',
    '\u0085tier: 9',
  ])('does not let the name %j become structure', (name) => {
    const config = parse(defaultConfig({ ...facts, name })) as object;
    expect(Object.keys(config)).toEqual([
      'name',
      'description',
      'version',
      'tier',
      'runtime',
      'model',
      'runtime_config',
    ]);
    expect(config).toMatchObject({ name, tier: 2 });
  });
});
