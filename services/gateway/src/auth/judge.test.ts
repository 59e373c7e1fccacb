import { describe, expect, test } from 'vitest';
import type { Tier } from '../policy/policy.ts';
import type { Caller } from './caller.ts';
import { judge } from './judge.ts';

const id = '11111111-1111-4111-8111-111111111111';
const other = '22222222-2222-4222-8222-222222222222';
const workspace = (workspaceId: string): Caller => ({
  kind: 'workspace',
  tokenId: 't',
  workspaceId,
  purpose: 'agent',
  boxId: null,
});

const callers = {
  nobody: { caller: { kind: 'anonymous' }, bearer: false },
  'a bad bearer': { caller: { kind: 'anonymous' }, bearer: true },
  'the workspace': { caller: workspace(id), bearer: true },
  'another workspace': { caller: workspace(other), bearer: true },
  'an org token': { caller: { kind: 'org', tokenId: 'o', prefix: 'p', orgId: null, expiresAt: null }, bearer: true },
  'a session': { caller: { kind: 'session', userId: 'u' }, bearer: false },
  'the admin': { caller: { kind: 'admin' }, bearer: true },
} satisfies Record<string, { caller: Caller; bearer: boolean }>;

const missing = 'missing workspace auth token';
const invalid = 'invalid workspace auth token';
const adminMissing = 'admin auth required';
const adminInvalid = 'invalid admin auth token';

/** One column per caller, in the order above. */
const table: Record<Tier, readonly string[]> = {
  none: ['pass', 'pass', 'pass', 'pass', 'pass', 'pass', 'pass'],
  self: ['pass', 'pass', 'pass', 'pass', 'pass', 'pass', 'pass'],
  admin: [adminMissing, adminInvalid, adminInvalid, adminInvalid, 'pass', 'pass', 'pass'],
  metrics: [adminMissing, adminInvalid, adminInvalid, adminInvalid, 'pass', 'pass', 'pass'],
  credential: [missing, invalid, 'pass', 'pass', 'pass', 'pass', 'pass'],
  workspace: [missing, invalid, 'pass', invalid, 'pass', 'pass', 'pass'],
  peer: [missing, invalid, 'pass', 'askPeers', 'pass', 'pass', 'pass'],
  own: [missing, invalid, 'pass', invalid, invalid, missing, invalid],
};

describe.each(Object.entries(table))('tier %s', (tier, verdicts) => {
  test.each(Object.keys(callers).map((name, index) => [name, verdicts[index]]))('for %s: %s', (name, expected) => {
    const verdict = judge(tier as Tier, { ...callers[name as keyof typeof callers], workspaceId: id });
    expect(typeof verdict === 'string' ? verdict : verdict.refusal).toBe(expected);
  });
});

test('names a missing workspace id', () => {
  expect(judge('workspace', { ...callers['a bad bearer'], workspaceId: '' })).toEqual({
    refusal: 'missing workspace ID',
  });
});
