import { expect, test } from 'vitest';
import { resetsSession } from './reset-session.ts';

test.each([
  ['true', true],
  [' Yes ', true],
  ['1', true],
  ['on', true],
  ['false', false],
  ['0', false],
  ['', false],
  ['nonsense', false],
])('a user who sets WORKSPACE_RESET_SESSION to %j means %s', (value, expected) => {
  expect(resetsSession({ resetSession: false, env: { WORKSPACE_RESET_SESSION: value } })).toBe(expected);
});

test('a session is forgotten when the operation asks for it', () => {
  expect(resetsSession({ resetSession: true, env: {} })).toBe(true);
});
