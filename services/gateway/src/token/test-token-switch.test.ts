import { expect, test } from 'vitest';
import { testTokensEnabled } from './test-token-switch.ts';

test.each(['development', 'dev', 'test', 'testing', ' Development ', 'DEV'])(
  'opens in the environment %j without being told',
  (name) => {
    expect(testTokensEnabled({ MOLECULE_ENV: name, MOLECULE_ENABLE_TEST_TOKENS: false })).toBe(true);
  },
);

test.each(['staging', 'demo', ''])('opens in the environment %j only when told', (name) => {
  expect(testTokensEnabled({ MOLECULE_ENV: name, MOLECULE_ENABLE_TEST_TOKENS: false })).toBe(false);
  expect(testTokensEnabled({ MOLECULE_ENV: name, MOLECULE_ENABLE_TEST_TOKENS: true })).toBe(true);
});

test.each(['production', 'prod', 'Production', 'PROD', ' production '])(
  'stays shut in %j whatever it is told',
  (name) => {
    for (const told of [true, false]) {
      expect(testTokensEnabled({ MOLECULE_ENV: name, MOLECULE_ENABLE_TEST_TOKENS: told })).toBe(false);
    }
  },
);
