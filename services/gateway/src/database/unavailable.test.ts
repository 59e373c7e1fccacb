import { expect, test } from 'vitest';
import { isDatabaseUnavailable } from './unavailable.ts';

const withCode = (code: string) => Object.assign(new Error('x'), { code });

test.each([
  ['a refused connection', withCode('ECONNREFUSED')],
  ['a full pool', withCode('P2024')],
  ['a server that is shutting down', withCode('57P01')],
  ['too many connections', withCode('53300')],
  ['a wrapped cause', new Error('outer', { cause: withCode('ECONNRESET') })],
  ['all addresses of a name', new AggregateError([withCode('ECONNREFUSED')])],
  ['what the driver says of a lost connection', new Error('Connection terminated unexpectedly')],
  ['an adapter’s kind', { meta: { driverAdapterError: { cause: { kind: 'DatabaseNotReachable' } } } }],
])('%s is an outage', (_what, error) => {
  expect(isDatabaseUnavailable(error)).toBe(true);
});

test.each([
  ['a violated constraint', withCode('P2002')],
  ['a missing row', withCode('P2025')],
  ['wrong SQL', withCode('42601')],
  ['our own defect', new TypeError('x is not a function')],
  ['nothing', undefined],
])('%s is none', (_what, error) => {
  expect(isDatabaseUnavailable(error)).toBe(false);
});
