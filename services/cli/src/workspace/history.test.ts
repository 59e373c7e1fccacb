import { expect, test } from 'vitest';
import { anOperation, operationId, scoutId } from '../../test/support/answers.ts';
import { said } from '../../test/support/said.ts';
import { json } from '../../test/support/scripted-gateway.ts';
import type { WorldOptions } from '../../test/support/world.ts';

const id = (digit: number): string => operationId.replaceAll('2', String(digit));
const at = (second: number): string => `2026-01-01T12:00:${String(second).padStart(2, '0')}.000Z`;
const event = (second: number, event_type: string, payload: object = {}) => ({
  id: `e${second}`,
  event_type,
  workspace_id: scoutId,
  payload,
  created_at: at(second),
});
const failure = { code: 'AGENT_TIMEOUT', text: 'it never came', next_step: 'Look at the log of the box.' };
/** Newest first, as the gateway lists them. */
const operations = [
  anOperation({ id: id(6), kind: 'delete', accepted_at: at(30), ended_at: at(31), actor: 'org:ci' }),
  anOperation({
    id: id(5),
    kind: 'pause',
    state: 'superseded',
    superseded_by: id(6),
    accepted_at: at(20),
    ended_at: at(30),
    parent_id: id(8),
    tree_root: id(9),
  }),
  anOperation({
    id: id(4),
    kind: 'restart',
    state: 'coalesced',
    coalesced_into: id(7),
    accepted_at: at(12),
    ended_at: at(13),
    reason: 'secret KEY was saved',
  }),
  anOperation({ id: id(3), kind: 'provision', state: 'failed', failure, accepted_at: at(0), ended_at: at(10) }),
];
const events = [
  event(30, 'WORKSPACE_REMOVED'),
  event(15, 'WORKSPACE_HEARTBEAT'),
  event(14, 'TASK_UPDATED'),
  event(10, 'WORKSPACE_PROVISION_FAILED', { error: 'it never came' }),
  event(0, 'WORKSPACE_PROVISIONING'),
];
const told = (words = '', options?: WorldOptions, listed = operations) =>
  said(
    `workspace history ${scoutId} ${words}`.trim(),
    {
      'GET /operations': json(200, listed),
      [`GET /events/${scoutId}`]: json(200, events),
      [`GET /operations/${id(7)}`]: json(200, {
        ...anOperation({ id: id(7), kind: 'resume', actor: 'sweeper' }),
        steps: [],
      }),
    },
    options,
  );

test('tells what was asked for, what came of it and why, in order', async () => {
  const { code, out, err } = await told();
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^\d\d:\d\d:(\d\d)/, '$1').trim());
  expect(lines).toEqual([
    expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    `00  ✗ provision failed  10.0 s  by admin-token  ${id(3)}`,
    'AGENT_TIMEOUT: it never came',
    'try: Look at the log of the box.',
    '00    provisioning',
    '10    provision failed: it never came',
    `12  ⤳ restart coalesced  1.0 s  by admin-token  ${id(4)}`,
    `served by the resume ${id(7)}, by sweeper`,
    'because: secret KEY was saved',
    `20  ⊘ pause superseded  10.0 s  by admin-token  ${id(5)}`,
    `superseded by the delete ${id(6)}, by org:ci`,
    `part of ${id(8)}, over the tree of ${id(9)}`,
    `30  ✓ delete succeeded  1.0 s  by org:ci  ${id(6)}`,
    '30    removed',
  ]);
});

test('fits a terminal of 80 columns', async () => {
  const { out } = await told('', { columns: 80 });
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

test('gives programs everything in order', async () => {
  const { out } = await told('--json');
  const all = JSON.parse(out) as { at: string; operation?: { kind: string }; event?: { event_type: string } }[];
  expect(all.map(({ operation, event: one }) => operation?.kind ?? one?.event_type)).toEqual([
    'provision',
    'WORKSPACE_PROVISIONING',
    'WORKSPACE_PROVISION_FAILED',
    'restart',
    'pause',
    'delete',
    'WORKSPACE_REMOVED',
  ]);
});

test('leaves out events from before the operations it shows, and says how to see more', async () => {
  const { out, err } = await told('--limit 1', undefined, operations.slice(0, 1));
  expect(out).not.toContain('provision');
  expect(err).toBe('There may be more before that: add --limit 2.\n');
});

test('says so when nothing is known', async () => {
  const routes = { 'GET /operations': json(200, []), [`GET /events/${scoutId}`]: json(200, []) };
  expect(await said(`workspace history ${scoutId}`, routes)).toMatchObject({
    code: 0,
    out: 'Nothing is known to have happened to it.\n',
  });
});
