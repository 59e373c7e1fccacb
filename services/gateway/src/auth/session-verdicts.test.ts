import { describe, expect, test } from 'vitest';
import { SessionVerdicts } from './session-verdicts.ts';

function given() {
  let at = 0;
  const verdicts = new SessionVerdicts(() => at);
  return { verdicts, wait: (ms: number) => void (at += ms) };
}

describe('what was said of a session', () => {
  test.each([
    ['of a member', 'u-1', 30_000],
    ['of nobody', null, 5_000],
  ])('%s is believed for its time and no longer', (_, verdict, ms) => {
    const { verdicts, wait } = given();
    verdicts.keep('key', verdict);
    wait(ms - 1);
    expect(verdicts.find('key')).toBe(verdict);
    wait(1);
    expect(verdicts.find('key')).toBeUndefined();
  });

  test('is never kept of more than ten thousand, and making room costs few of them', () => {
    const { verdicts } = given();
    for (let i = 0; i < 10_000; i++) verdicts.keep(String(i), 'u');
    verdicts.keep('9999', 'again');
    expect(verdicts.size).toBe(10_000);
    verdicts.keep('one more', 'u');
    expect(verdicts.size).toBe(10_000 - 128 + 1);
    expect(verdicts.find('one more')).toBe('u');
  });

  test('is forgotten once it counts no more', () => {
    const { verdicts, wait } = given();
    verdicts.keep('old', null);
    wait(10_000);
    verdicts.keep('young', null);
    verdicts.dropExpired();
    expect(verdicts.size).toBe(1);
  });
});
