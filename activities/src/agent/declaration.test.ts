import { describe, expect, test } from 'vitest';
import { DECLARATION_MS, declarationAfter, declares } from './declaration.ts';

const now = new Date('2026-11-21T12:00:00Z');
const fresh = new Date(now.getTime() - DECLARATION_MS);
const stale = new Date(fresh.getTime() - 1);
const declared = { capabilities: { session: true, scheduler: false }, idle_timeout_seconds: 60 };

describe('a beat without a declaration', () => {
  test('keeps what was declared', () => {
    expect(declarationAfter({ value: declared, at: fresh }, null, now)).toEqual({ value: declared, changed: false });
  });

  test('drops what was not refreshed for too long', () => {
    expect(declarationAfter({ value: declared, at: stale }, null, now)).toEqual({ value: null, changed: true });
  });

  test('changes nothing where nothing was declared', () => {
    expect(declarationAfter({ value: null, at: null }, null, now)).toEqual({ value: null, changed: false });
  });
});

describe('a declaration', () => {
  test('that is empty clears the one before', () => {
    expect(declarationAfter({ value: declared, at: fresh }, {}, now)).toEqual({ value: null, changed: true });
  });

  test('replaces the capabilities wholesale', () => {
    const after = declarationAfter({ value: declared, at: fresh }, { capabilities: { retry: true } }, now);
    expect(after.value?.capabilities).toEqual({ retry: true });
  });

  test('of the idle time leaves the capabilities, and the other way round', () => {
    expect(declarationAfter({ value: declared, at: fresh }, { idle_timeout_seconds: 5 }, now).value).toEqual({
      ...declared,
      idle_timeout_seconds: 5,
    });
    expect(declarationAfter({ value: declared, at: fresh }, { capabilities: {} }, now).value).toEqual({
      capabilities: {},
      idle_timeout_seconds: 60,
    });
  });

  test('does not bring back the half that had expired', () => {
    expect(declarationAfter({ value: declared, at: stale }, { idle_timeout_seconds: 5 }, now).value).toEqual({
      idle_timeout_seconds: 5,
    });
  });

  test('keeps members nobody knows', () => {
    const block = { capabilities: { telepathy: true }, colour: 'red' };
    expect(declarationAfter({ value: null, at: null }, block, now).value).toEqual(block);
  });
});

test('only a capability declared true is declared', () => {
  expect(declares(declared, 'session')).toBe(true);
  expect(declares(declared, 'scheduler')).toBe(false);
  expect(declares(declared, 'status_mgmt')).toBe(false);
  expect(declares(null, 'session')).toBe(false);
});
