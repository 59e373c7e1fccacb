import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Caller } from './caller.ts';
import { atExpiry, revokedWith } from './credential-end.ts';

const DAY_MS = 86_400_000;
const agent: Caller = { kind: 'workspace', tokenId: 't', workspaceId: 'own', purpose: 'agent', boxId: null };
const admin: Caller = { kind: 'admin' };
const session: Caller = { kind: 'session', userId: 'u' };
const orgUntil = (expiresAt: Date | null): Caller => ({
  kind: 'org',
  tokenId: 't',
  prefix: 'p',
  orgId: null,
  expiresAt,
});
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a stream ends with the tokens it was opened by', () => {
  expect([agent, orgUntil(null), admin, session].map(revokedWith)).toEqual(['own', 'org', null, null]);
});

test('the end of an org token is waited for longer than a timer can, and told once', () => {
  const ended = vi.fn<() => void>();
  atExpiry(orgUntil(inDays(90)), ended);
  vi.advanceTimersByTime(90 * DAY_MS - 1);
  expect(ended).not.toHaveBeenCalled();
  vi.advanceTimersByTime(90 * DAY_MS);
  expect(ended).toHaveBeenCalledTimes(1);
});

test('the end of an org token that is over already is told at once, and never before anybody can hear it', () => {
  const ended = vi.fn<() => void>();
  atExpiry(orgUntil(inDays(-1)), ended);
  expect(ended).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(ended).toHaveBeenCalledTimes(1);
});

test('nothing is told of a credential without an end, nor to whoever left', () => {
  const ended = vi.fn<() => void>();
  for (const caller of [agent, admin, session, orgUntil(null)]) atExpiry(caller, ended);
  atExpiry(orgUntil(inDays(1)), ended)();
  vi.advanceTimersByTime(2 * DAY_MS);
  expect(ended).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});
