import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import { knownFailure, refuse } from './codes.ts';
import { type FailureCode, failures, type FailureSpec } from './failures.ts';

const entries = Object.entries<FailureSpec>(failures);

/** Texts that clients of the wire contract compare or show. */
const texts: Partial<Record<FailureCode, string>> = {
  NO_BACKEND:
    'no provisioning backend available — workspace requires either a Docker daemon (self-hosted) or control-plane provisioner (SaaS)',
  GLOBAL_SECRET_UNREADABLE: 'failed to decrypt global secret',
  WORKSPACE_SECRET_UNREADABLE: 'failed to decrypt workspace secret',
  MUTATOR_FAILED: 'plugin env mutator chain failed',
  START_FAILED: 'workspace start failed',
  PROVISION_FAILED: 'provisioning failed',
  AGENT_TIMEOUT:
    'provisioning timed out — container started but never called /registry/register. Check container logs and network connectivity to the platform.',
};

describe('the catalogue of failures', () => {
  test.each(Object.entries(texts))('keeps the wire text of %s', (code, text) => {
    expect(failures[code as FailureCode].says).toBe(text);
  });

  test.each(entries)('%s has a stable code, one line of text and a next step', (code, { says, next, retryable }) => {
    expect(code).toMatch(/^[A-Z][A-Z_]+[A-Z]$/);
    expect(says).toMatch(/^[^\n]+$/);
    expect(next).toMatch(/^[A-Z][^\n]+\.$/);
    expect(typeof retryable).toBe('boolean');
  });
});

const inActivity = (cause: Error): ActivityFailure =>
  new ActivityFailure('activity failed', 'startBox', '1', 'NON_RETRYABLE_FAILURE', 'a', cause);

describe('a refusal', () => {
  test('is final and carries its code, text and facts through the nesting of Temporal', () => {
    const thrown = (): never => refuse('REQUIRED_ENV_MISSING', 'missing required env var "X"', { missing: ['X'] });
    expect(thrown).toThrow(ApplicationFailure);
    try {
      thrown();
    } catch (error) {
      expect((error as ApplicationFailure).nonRetryable).toBe(true);
      expect(knownFailure(inActivity(error as Error), 'START_FAILED')).toEqual({
        code: 'REQUIRED_ENV_MISSING',
        text: 'missing required env var "X"',
        facts: { missing: ['X'] },
      });
    }
  });

  test('says the sentence of the catalogue unless it has a better one', () => {
    expect(() => refuse('NO_BACKEND')).toThrow(failures.NO_BACKEND.says);
  });
});

describe('an error nobody meant', () => {
  const password = new Error('connect to postgres://admin:hunter2@10.0.0.1 failed');

  test.each([
    ['an error of an activity', inActivity(password)],
    [
      'an error of an activity with a foreign type',
      inActivity(ApplicationFailure.create({ message: password.message, type: 'Error' })),
    ],
    [
      'a type that only the prototype of the catalogue has',
      inActivity(ApplicationFailure.create({ message: password.message, type: 'constructor' })),
    ],
    ['something thrown that is no error', 'hunter2'],
  ])('never shows its own text: %s', (_, error) => {
    expect(knownFailure(error, 'START_FAILED')).toEqual({
      code: 'START_FAILED',
      text: 'workspace start failed',
      facts: {},
    });
  });
});
