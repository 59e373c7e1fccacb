import { lifecycle } from '@holdfast/workflows/workspace/lifecycle';
import { type WorkspaceStatus, workspaceStatuses } from '@holdfast/workflows/workspace/status';
import { describe, expect, test } from 'vitest';
import { type Health, isKnownState, judgeBeat } from './beat-judgement.ts';

const healthy: Health = { errorRate: 0, sampleError: 'boom', runtimeState: '', managesStatus: false };
type Row = [WorkspaceStatus, Partial<Health>, string | null, Record<string, unknown>?];

const rows: Row[] = [
  ['online', {}, null],
  ['online', { runtimeState: 'wedged' }, 'WORKSPACE_DEGRADED', { runtime_state: 'wedged', sample_error: 'boom' }],
  ['online', { runtimeState: 'Wedged ' }, 'WORKSPACE_DEGRADED', { runtime_state: 'wedged', sample_error: 'boom' }],
  [
    'online',
    { runtimeState: 'wedged', managesStatus: true },
    'WORKSPACE_DEGRADED',
    { runtime_state: 'wedged', sample_error: 'boom' },
  ],
  [
    'online',
    { runtimeState: 'wedged', errorRate: 0.9 },
    'WORKSPACE_DEGRADED',
    { runtime_state: 'wedged', sample_error: 'boom' },
  ],
  ['online', { errorRate: 0.5 }, 'WORKSPACE_DEGRADED', { error_rate: 0.5, sample_error: 'boom' }],
  ['online', { errorRate: 0.499 }, null],
  ['online', { errorRate: 1, managesStatus: true }, null],
  ['degraded', {}, 'WORKSPACE_ONLINE', {}],
  ['degraded', { runtimeState: 'ok' }, 'WORKSPACE_ONLINE', {}],
  ['degraded', { runtimeState: 'OK' }, 'WORKSPACE_ONLINE', {}],
  ['degraded', { runtimeState: 'sleepy' }, 'WORKSPACE_ONLINE', {}],
  ['degraded', { errorRate: 0.099 }, 'WORKSPACE_ONLINE', {}],
  ['degraded', { errorRate: 0.1 }, null],
  ['degraded', { errorRate: 0.3 }, null],
  ['degraded', { errorRate: 0.9 }, null],
  ['degraded', { runtimeState: 'wedged' }, null],
  ['degraded', { managesStatus: true }, null],
  ['offline', { errorRate: 1, runtimeState: 'wedged', managesStatus: true }, 'WORKSPACE_ONLINE', {}],
  ['provisioning', { errorRate: 1 }, 'WORKSPACE_ONLINE', { recovered_from: 'provisioning' }],
  ['awaiting_agent', {}, 'WORKSPACE_ONLINE', { recovered_from: 'awaiting_agent' }],
  ['failed', {}, 'WORKSPACE_ONLINE', { recovered_from: 'failed' }],
  ...(['paused', 'hibernating', 'hibernated', 'removed'] as const).flatMap((status): Row[] => [
    [status, {}, null],
    [status, { errorRate: 1, runtimeState: 'wedged' }, null],
  ]),
];

test.each(rows)('a beat at %s with %j is answered by %s %j', (status, health, type, payload) => {
  const judgement = judgeBeat(status, { ...healthy, ...health });
  expect(judgement?.event ?? null).toEqual(type && { type, payload });
});

test.each(rows)('a beat at %s with %j changes the status only as the lifecycle table says', (status, health) => {
  const judgement = judgeBeat(status, { ...healthy, ...health });
  if (judgement) expect(lifecycle[judgement.transition].from).toContain(status);
});

test('every status has a row above', () => {
  expect(new Set(rows.map(([status]) => status))).toEqual(new Set(workspaceStatuses));
});

describe('a runtime state', () => {
  test.each(['', 'ok', 'OK', 'wedged'])('%j is known', (state) => expect(isKnownState(state)).toBe(true));
  test.each(['sleepy', 'okay'])('%j is worth a remark', (state) => expect(isKnownState(state)).toBe(false));
});
