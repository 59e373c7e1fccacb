import { expect, test } from 'vitest';
import { redact } from './redact.ts';

test('redact leaves no secret in a text, however often it is there', () => {
  expect(redact('token abcdef, again abcdef', ['abcdef'])).toBe('token [redacted], again [redacted]');
});

test('redact does not take short values for secrets', () => {
  expect(redact('no way on', ['no', ''])).toBe('no way on');
});
