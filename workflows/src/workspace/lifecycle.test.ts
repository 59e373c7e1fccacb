import { describe, expect, test } from 'vitest';
import { fromSet, lifecycle, mayChange, target, type Transition, type TransitionName } from './lifecycle.ts';
import { workspaceStatuses, type WorkspaceStatus } from './status.ts';

type End = WorkspaceStatus | 'none' | 'gone';

const all = 'provisioning online degraded offline failed paused hibernating hibernated awaiting_agent removed';
/** Not the code's own helper: written out, so that the two can disagree. */
const but = (...excluded: string[]): string =>
  all
    .split(' ')
    .filter((status) => !excluded.includes(status))
    .join(' ');

/**
 * The wire contract's T1 to T30 with its added guards, and what operations need beside them. Where a sweep of the
 * contract may write the status a row already has, the table leaves that row alone: nothing changed, no event.
 */
const contract: readonly (readonly [id: string, from: string, to: string])[] = [
  ['T1', 'none', 'provisioning'],
  ['T2', 'provisioning', 'online'],
  ['T3', 'provisioning', 'awaiting_agent'],
  ['T4', 'none', 'online'],
  ['T5', 'provisioning online degraded offline failed awaiting_agent', 'online'],
  ['T6', 'provisioning', 'online'],
  ['T7', 'offline', 'online'],
  ['T8', 'online', 'degraded'],
  ['T9', 'online', 'degraded'],
  ['T10', 'degraded', 'online'],
  ['T11', 'awaiting_agent failed', 'online'],
  // A row that is provisioning has a deadline of its own: silence must not end it.
  ['T12', 'online degraded failed awaiting_agent', 'offline'],
  ['T12x', 'online degraded offline failed', 'awaiting_agent'],
  ['T13', 'online degraded', 'offline'],
  ['T14', 'online degraded', 'awaiting_agent'],
  ['T15', 'online degraded failed awaiting_agent', 'offline'],
  ['T16', but('removed'), 'provisioning'],
  ['T17', but('removed', 'paused', 'hibernated'), 'provisioning'],
  ['T18', 'paused', 'provisioning'],
  ['T19', 'hibernated', 'provisioning'],
  ['T20', but('provisioning', 'removed', 'hibernating'), 'provisioning'],
  ...['online', 'degraded', 'offline', 'failed', 'paused', 'hibernated', 'awaiting_agent'].map(
    (prior) => ['T21', 'provisioning', prior] as const,
  ),
  ['T22', 'provisioning', 'failed'],
  ['T23', 'provisioning', 'failed'],
  ['T24', 'provisioning', 'failed'],
  ['T25', 'provisioning', 'failed'],
  ['T26', but('removed', 'paused'), 'paused'],
  ['T27', 'online degraded', 'hibernating'],
  ['T28', 'hibernating', 'hibernated'],
  ['T29', but('removed'), 'removed'],
  ['T30', 'removed', 'gone'],
  ['O1', 'hibernating', 'online'],
  ['O1', 'hibernating', 'degraded'],
  ['O2', but('removed', 'paused', 'failed'), 'failed'],
  ['O3', 'paused', 'awaiting_agent'],
];

const rows = Object.values<Transition>(lifecycle);
const froms: readonly End[] = ['none', ...workspaceStatuses];
const tos: readonly End[] = [...workspaceStatuses, 'gone'];
const pairs = froms.flatMap((from) => tos.map((to) => [from, to] as const));

test('the statuses are the ten of the wire contract', () => {
  expect([...workspaceStatuses].sort()).toEqual(all.split(' ').sort());
});

describe('the lifecycle table', () => {
  test.each(pairs)('%s may become %s for exactly the reasons of the contract', (from, to) => {
    const expected = contract.filter((row) => row[1].split(' ').includes(from) && row[2] === to).map(([id]) => id);
    const actual = rows
      .filter((row) => row.to === to && row.from.includes(from as WorkspaceStatus))
      .map(({ id }) => id);
    expect(actual.sort()).toEqual(expected.sort());
  });

  test('has each row of the contract once', () => {
    const line = (id: string, from: readonly string[], to: string) => `${id}: ${[...from].sort().join(' ')} → ${to}`;
    const expected = contract.map(([id, from, to]) => line(id, from.split(' '), to));
    expect(rows.map(({ id, from, to }) => line(id, from, to)).sort()).toEqual(expected.sort());
  });

  test('names no status twice in a from-set and says the cause of every row', () => {
    for (const { from, cause } of rows) {
      expect(new Set(from).size).toBe(from.length);
      expect(cause).not.toBe('');
    }
  });

  test('leaves "removed" by the purge alone', () => {
    expect(rows.filter(({ from }) => from.includes('removed')).map(({ id }) => id)).toEqual(['T30']);
    for (const status of workspaceStatuses) expect(mayChange('removed', status)).toBe(false);
  });

  test.each(workspaceStatuses)('lets %s come to an end', (status) => {
    const reached = new Set<End>([status]);
    for (const from of reached) {
      for (const row of rows) if (row.from.includes(from as WorkspaceStatus)) reached.add(row.to);
    }
    expect([...reached]).toContain('removed');
    expect([...reached]).toContain('gone');
  });

  test.each(workspaceStatuses.filter((status) => status !== 'removed'))('lets %s be brought online again', (status) => {
    expect(status === 'provisioning' || mayChange(status, 'provisioning')).toBe(true);
    expect(mayChange('provisioning', 'online')).toBe(true);
  });
});

describe('the helpers', () => {
  test('fromSet leaves out "none", which no row has', () => {
    expect(fromSet('create')).toEqual([]);
    expect(fromSet('beatAgain')).toEqual(['awaiting_agent', 'failed']);
  });

  test('target refuses the transition that deletes the row', () => {
    expect(() => target('purge')).toThrow(RangeError);
    for (const name of Object.keys(lifecycle) as TransitionName[]) {
      if (name !== 'purge') expect(workspaceStatuses).toContain(target(name));
    }
  });

  test('mayChange agrees with the rows on every pair', () => {
    for (const from of workspaceStatuses) {
      for (const to of workspaceStatuses) {
        expect(mayChange(from, to)).toBe(contract.some((row) => row[1].split(' ').includes(from) && row[2] === to));
      }
    }
  });
});
