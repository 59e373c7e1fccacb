import { describe, expect, test } from 'vitest';
import type { Instance, InstanceState } from '../provider/port.ts';
import { bootMs } from './boot-window.ts';
import { judgeBoot } from './judge-boot.ts';

const marks = { boxId: 'b', workspaceId: 'w', orgId: 'o', owner: '' };
const anInstance = (state: InstanceState): Instance => ({
  instanceId: 'i',
  state,
  privateIp: '',
  marks,
  born: new Date(0),
});
const facts = { instance: anInstance('running'), bootingMs: 1_000, bootMs: 10_000, visibleMs: 500, hasFetched: false };
const ended = { crashed: 'the machine ended while it was booting' };

describe('a booting machine', () => {
  test.each([
    ['that runs and is in time is waited for', {}, 'wait'],
    ['that is being made is waited for', { instance: anInstance('pending') }, 'wait'],
    ['that a cloud does not show yet is waited for', { instance: null, bootingMs: 400 }, 'wait'],
    ['that a cloud shows no more has ended', { instance: null }, ended],
    ['that is terminated has ended', { instance: anInstance('terminated') }, ended],
    ['that is on its way out has ended', { instance: anInstance('shutting-down') }, ended],
    [
      'that is off has stopped',
      { instance: anInstance('stopped') },
      { crashed: 'the machine stopped while it was booting' },
    ],
    ['that fetched in time is its platform’s', { bootingMs: 10_000, hasFetched: true }, 'over'],
    ['that never fetched has crashed', { bootingMs: 10_000 }, { crashed: 'the machine never fetched its environment' }],
    ['that has fetched and ended has ended', { instance: null, hasFetched: true }, ended],
  ])('%s', (_, over, verdict) => {
    expect(judgeBoot({ ...facts, ...over })).toEqual(verdict);
  });
});

describe('the time to boot', () => {
  test.each([
    ['hermes', undefined, undefined, 1_500_000],
    ['langgraph', undefined, undefined, 480_000],
    ['hermes', 60, undefined, 60_000],
    ['langgraph', undefined, 100, 85_000],
    ['hermes', 60, 1_800, 1_530_000],
  ])('of %s, configured as %s and given up on after %s seconds, is %i ms', (runtime, configured, platform, ms) => {
    expect(bootMs(runtime, configured, platform)).toBe(ms);
  });

  test.each([
    ['hermes', 1_800],
    ['langgraph', 600],
  ])('of %s ends before a platform that says nothing gives up after %i seconds', (runtime, seconds) => {
    expect(bootMs(runtime, undefined, undefined)).toBeLessThan(seconds * 1_000);
  });
});
