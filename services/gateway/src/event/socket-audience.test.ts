import { describe, expect, test } from 'vitest';
import { type Caller, anonymous } from '../auth/caller.ts';
import { audienceOf } from './socket-audience.ts';

const own = '00000000-0000-4000-8000-000000000001';
const other = '00000000-0000-4000-8000-000000000002';
const agent: Caller = { kind: 'workspace', tokenId: 't', workspaceId: own, purpose: 'agent', boxId: null };
const admin: Caller = { kind: 'admin' };
const org: Caller = { kind: 'org', tokenId: 't', prefix: 'p', orgId: null, expiresAt: null };
const session: Caller = { kind: 'session', userId: 'u' };

describe('without X-Workspace-ID', () => {
  test.each([
    ['admin', admin],
    ['org', org],
    ['session', session],
  ] as const)('an %s credential hears everything', (_, caller) => {
    expect(audienceOf({ caller, bearer: true, wanted: undefined })).toBeNull();
  });

  test('an agent listens as its own workspace', () => {
    expect(audienceOf({ caller: agent, bearer: true, wanted: undefined })).toBe(own);
  });

  test.each([
    [false, 'admin auth required'],
    [true, 'invalid admin auth token'],
  ])('nobody is refused; a bearer was sent: %s', (bearer, message) => {
    expect(() => audienceOf({ caller: anonymous, bearer, wanted: undefined })).toThrow(message);
  });
});

describe('with X-Workspace-ID', () => {
  test.each([own, own.toUpperCase(), ` ${own} `])('an agent listens as itself: %j', (wanted) => {
    expect(audienceOf({ caller: agent, bearer: true, wanted })).toBe(own);
  });

  test.each([
    ['another agent', agent, other],
    ['an admin', admin, own],
    ['an org token', org, own],
    ['an unknown bearer', anonymous, own],
  ] as const)('%s is refused', (_, caller, wanted) => {
    expect(() => audienceOf({ caller, bearer: true, wanted })).toThrow('invalid workspace auth token');
  });

  test('nobody is refused', () => {
    expect(() => audienceOf({ caller: anonymous, bearer: false, wanted: own })).toThrow('missing workspace auth token');
  });

  test.each(['', 'x', '../etc'])('%j is no workspace', (wanted) => {
    expect(() => audienceOf({ caller: agent, bearer: true, wanted })).toThrow('invalid workspace ID');
  });
});
