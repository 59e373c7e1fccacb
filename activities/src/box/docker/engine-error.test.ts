import { describe, expect, test } from 'vitest';
import { engineError, isBeingRemoved } from './engine-error.ts';

const answer = (statusCode: number | undefined, message: string) =>
  Object.assign(new Error(message), statusCode === undefined ? {} : { statusCode });

describe('engineError', () => {
  test.each([
    ['no answer', undefined, 'connect ECONNREFUSED', 'unreachable', false],
    ['an internal error', 500, 'driver failed', 'failed', false],
    ['a bad request', 400, 'bad parameter', 'refused', true],
    ['a network that somebody removed', 404, 'network holdfast not found', 'failed', false],
    ['anything else that is not there', 404, 'no such container', 'refused', true],
    ['a conflict', 409, 'in use', 'refused', true],
    ['a runtime that cannot run it', 500, 'failed to create shim task: OCI runtime create failed: …', 'refused', true],
  ])('takes %s for what it is', (_, status, message, problem, final) => {
    expect(engineError(answer(status, message), 'x')).toMatchObject({ problem, final });
  });

  test('keeps the engine’s words out of what may leave the worker', () => {
    expect(engineError(answer(500, 'path /secret/place'), 'x').says).not.toContain('secret');
  });
});

describe('isBeingRemoved', () => {
  test.each([
    ['removal of container abc is already in progress', true],
    ['an update of container abc is already in progress', false],
    ['removal of container abc failed', false],
  ])('of "%s" is %s', (message, expected) => {
    expect(isBeingRemoved(answer(409, message))).toBe(expected);
  });
});
