import { expect, test } from 'vitest';
import { Refusal } from '@holdfast/activities/failure/refusal';
import { failures } from '@holdfast/workflows/failure/failures';
import { InvalidBody } from './invalid-body.ts';
import { problemBody, problemOf } from './problem.ts';
import { httpStatus } from './problem-table.ts';

const texts = { invalidText: 'invalid thing', failedText: 'it went wrong' };

test('every failure has a status that says whose fault it is', () => {
  for (const code of Object.keys(failures) as (keyof typeof failures)[]) {
    expect([code, httpStatus[code] >= 400 && httpStatus[code] < 600]).toEqual([code, true]);
  }
});

test('what nobody meant says nothing but its route’s text', () => {
  const body = problemBody(problemOf(new Error('password is hunter2'), texts), 'r-1');
  expect(body).toMatchObject({ error: 'it went wrong', status: 500, code: 'INTERNAL', request_id: 'r-1' });
  expect(JSON.stringify(body)).not.toContain('hunter2');
});

test('the contract’s members win over those of RFC 9457', () => {
  const refusal = new Refusal('CONFIRMATION_REQUIRED', 'sure?', { status: 'confirmation_required' });
  expect(problemBody(problemOf(refusal, texts), 'r')).toMatchObject({
    error: 'sure?',
    status: 'confirmation_required',
    code: 'CONFIRMATION_REQUIRED',
  });
});

test('a wrong type speaks with the route’s text, a broken rule with its own', () => {
  const rule = { path: '/name', says: 'too long', wrongType: false };
  expect(problemOf(new InvalidBody([rule]), texts).error).toBe('too long');
  expect(
    problemOf(new InvalidBody([rule, { path: '/tier', says: 'not a number', wrongType: true }]), texts).error,
  ).toBe('invalid thing');
  expect(problemOf(new InvalidBody(), texts).error).toBe('invalid thing');
});

test('a code of the platform being away is the canvas’s', () => {
  expect(problemBody(problemOf(new Refusal('PLATFORM_UNAVAILABLE'), texts), 'r')).toMatchObject({
    error: 'platform datastore unavailable — retry shortly',
    code: 'platform_unavailable',
    status: 503,
  });
});
