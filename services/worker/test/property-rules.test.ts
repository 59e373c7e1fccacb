import { describe, expect, test } from 'vitest';
import { check, rules } from './support/property/check.ts';
import type { PropertyRecord } from './support/property/record.ts';
import { leaksOf } from './support/property/rules/ledger.ts';
import { aRecord, type Draft } from './support/property/sample.ts';

/** The record of a run in which all went well, after somebody has spoilt it. */
const spoilt = (spoil: (draft: Draft) => void): PropertyRecord => {
  const draft = aRecord();
  spoil(draft);
  return draft;
};
const violationsOf = (spoil: (draft: Draft) => void): string[] => check(spoilt(spoil)).violations;

test('the rules have nothing to say where all went well', () => {
  const findings = check(aRecord());
  expect(findings.violations).toEqual([]);
  expect(findings.excused).toEqual({});
  expect(leaksOf(aRecord())).toEqual([]);
});

test('a restart that failed before it came to its box may leave that online', () => {
  const violations = violationsOf((draft) => {
    draft.change('operations', 'pause', { kind: 'restart', state: 'cancelled' });
    draft.change('boxes', 'second', { state: 'running' });
    draft.change('workspaces', 'w', { status: 'online', boxId: 'second' });
  });
  expect(violations.filter((text) => text.startsWith('the last request decides'))).toEqual([]);
});

/** What is planted, under the name of the rule that has to find it. */
const planted: Record<string, readonly (readonly [what: string, spoil: (draft: Draft) => void])[]> = {
  'every operation ends': [
    ['an operation that stays open', (draft) => draft.change('operations', 'restart', { state: 'running' })],
    ['one that never began', (draft) => draft.change('operations', 'pause', { state: 'accepted' })],
  ],
  'no accepted request is lost': [['an answer without an operation', (draft) => void draft.told.push('nobody')]],
  'no steps overlap': [
    ['a start that goes on during the settle after it', (draft) => draft.stretch('startBox', 'provision', 45)],
    ['a prepare of the next operation in a start', (draft) => draft.stretch('startBox', 'provision', 31.2)],
    [
      'a step that never ended',
      (draft) => draft.dropLine((line) => line.what === 'end' && line.attemptId === 'provision/startBox'),
    ],
  ],
  'ledger is reality': [
    ['a box nobody wrote down', (draft) => void draft.real.push({ boxId: 'stranger' })],
    ['a box that is gone in truth', (draft) => draft.change('boxes', 'second', { state: 'running' })],
    ['a debt nobody pays', (draft) => draft.change('boxes', 'second', { state: 'owed' })],
    ['a paused workspace with a box', (draft) => draft.bringBack('second')],
    ['an owner that stayed', (draft) => draft.change('workspaces', 'w', { operationId: 'pause' })],
    ['a current box that is none', (draft) => draft.change('workspaces', 'w', { boxId: 'second' })],
    ['a box made before its row', (draft) => draft.move((line) => line.what === 'made' && line.boxId === 'first', 3)],
    [
      'a box there after it was said to be gone',
      (draft) => draft.move((line) => line.what === 'removed' && line.boxId === 'first', 34.5),
    ],
    [
      'two boxes that may run',
      (draft) =>
        draft.dropAudit(
          ({ id, after }) => id === 'first' && (after?.['state'] === 'stopping' || after?.['state'] === 'gone'),
        ),
    ],
  ],
  'everything is in its cloud': [
    [
      'a machine in a cloud that its row does not name',
      (draft) => {
        draft.change('boxes', 'second', { provider: 'gcp' });
        draft.real.push({ boxId: 'second', provider: 'aws' });
      },
    ],
    [
      'two machines of one box',
      (draft) => {
        draft.change('boxes', 'second', { provider: 'gcp' });
        draft.real.push({ boxId: 'second', provider: 'gcp' }, { boxId: 'second', provider: 'gcp' });
      },
    ],
    [
      'a workspace whose box stayed in its old cloud',
      (draft) => {
        draft.change('boxes', 'second', { provider: 'gcp' });
        draft.change('workspaces', 'w', { boxId: 'second', provider: 'hetzner' });
      },
    ],
  ],
  'every restart has a whole cycle': [
    ['a restart whose cycle began before it', (draft) => draft.change('operations', 'restart', { acceptedAt: 31.5 })],
    ['one that was served by a cycle of before', (draft) => draft.change('operations', 'queued', { acceptedAt: 31.5 })],
    [
      'one that was coalesced into nothing',
      (draft) => draft.change('operations', 'queued', { coalescedInto: 'nobody' }),
    ],
    ['one without a box', (draft) => draft.change('boxes', 'second', { isRegistered: false })],
    ['a failure without a word', (draft) => draft.change('operations', 'restart', { state: 'failed' })],
  ],
  'history is linear': [
    [
      'a preemption that the matrix does not know',
      (draft) => draft.amend('operations', 'pause', { state: 'accepted' }, { kind: 'resume' }),
    ],
    [
      'a restart that took the workspace instead of waiting',
      (draft) => draft.amend('workspaces', 'w', { operation_id: 'restart' }, { operation_id: 'queued' }),
    ],
    [
      'an end after the end',
      (draft) => draft.add('operations', 'provision', 60, { state: 'succeeded' }, { state: 'failed' }),
    ],
    [
      'a status that no row leads to',
      (draft) => draft.add('workspaces', 'w', 60, { status: 'paused' }, { status: 'online' }),
    ],
    [
      'a begin without the workspace',
      (draft) => draft.dropAudit(({ table, after }) => table === 'workspaces' && after?.['operation_id'] === 'pause'),
    ],
    [
      'an operation served by a pause',
      (draft) => draft.amend('operations', 'queued', { state: 'coalesced' }, { state: 'running' }),
    ],
  ],
  'the last request decides': [
    ['a workspace online after its pause', (draft) => draft.change('workspaces', 'w', { status: 'online' })],
    [
      'one that sleeps although its hibernation failed',
      (draft) => {
        const failed = { kind: 'hibernate', state: 'failed', failureCode: 'HIBERNATE_FAILED' } as const;
        draft.change('operations', 'pause', { ...failed, priorStatus: 'online' });
        draft.change('workspaces', 'w', { status: 'hibernated' });
      },
    ],
    ['a deleted one that is paused', (draft) => draft.change('operations', 'pause', { kind: 'delete' })],
    [
      'one online on the box of a restart that failed',
      (draft) => {
        draft.change('operations', 'pause', { kind: 'restart', state: 'failed' });
        draft.change('boxes', 'second', { state: 'running', operationId: 'pause' });
        draft.change('workspaces', 'w', { status: 'online', boxId: 'second' });
      },
    ],
  ],
  'a status and its event go together': [
    [
      'a gap in the numbers',
      (draft) => draft.dropAudit(({ table, after }) => table === 'structure_events' && after?.['seq'] === 2),
    ],
    [
      'an event told twice',
      (draft) => draft.add('structure_events', 'again', 50, null, { event_type: 'WORKSPACE_PAUSED', seq: 7 }),
    ],
    [
      'an event without a write',
      (draft) => draft.add('structure_events', 'false', 60, null, { event_type: 'WORKSPACE_REMOVED', seq: 7 }),
    ],
    [
      'a status nobody was told of',
      (draft) =>
        draft.dropAudit(
          ({ table, after }) => table === 'structure_events' && after?.['event_type'] === 'WORKSPACE_PAUSED',
        ),
    ],
    [
      'a beginning of nothing',
      (draft) => draft.add('structure_events', 'false', 60, null, { event_type: 'WORKSPACE_PROVISIONING', seq: 7 }),
    ],
  ],
  'only the owner writes': [
    [
      'a box of a superseded operation',
      (draft) => draft.add('boxes', 'third', 60, null, { state: 'creating', operation_id: 'late' }),
    ],
    [
      'a box of it that comes to count',
      (draft) =>
        draft.add(
          'boxes',
          'second',
          60,
          { state: 'creating', operation_id: 'late' },
          { state: 'running', operation_id: 'late' },
        ),
    ],
    [
      'a step it noted',
      (draft) => void draft.progress.push({ operationId: 'late', step: 'mint', cycle: 1, state: 'done', at: 60 }),
    ],
    ['a change of it', (draft) => draft.add('operations', 'late', 60, { state: 'superseded' }, { state: 'succeeded' })],
  ],
  'one run for each operation': [
    [
      'a second run',
      (draft) => draft.add('operations', 'provision', 60, { run_id: 'run:provision' }, { run_id: 'another' }),
    ],
    ['a run of two', (draft) => draft.change('operations', 'restart', { runId: 'run:provision' })],
  ],
};

describe.each(Object.entries(planted))('the rule "%s"', (rule, cases) => {
  test.each(cases)('finds %s', (_, spoil) => {
    expect(violationsOf(spoil).filter((violation) => violation.startsWith(`${rule}: `))).not.toEqual([]);
  });
});

describe('what is excused', () => {
  test('is counted: an attempt of a worker that was killed, and one of a run that was terminated', () => {
    const killed = spoilt((draft) => {
      draft.dropLine((line) => line.what === 'end' && line.attemptId === 'provision/startBox');
      draft.log.push({ what: 'death', pid: 1, at: 31.2 });
    });
    expect(check(killed).violations).toEqual([]);
    expect(check(killed).excused).toEqual({ killedWorker: 1 });
    const terminated = spoilt((draft) => {
      draft.stretch('startBox', 'provision', 31.2);
      draft.terminated.add('run:provision');
    });
    expect(check(terminated)).toMatchObject({ violations: [], excused: { terminatedRun: 1 } });
  });

  test('is an attempt that Temporal gave up, and no step of another kind', () => {
    const slow = spoilt((draft) => draft.retry('startBox', 'provision', 14));
    expect(check(slow)).toMatchObject({ violations: [], excused: { slowAttempt: 1 } });
  });

  test('is a restart whose operation was preempted, and not one that failed without a word', () => {
    const cut = spoilt((draft) => draft.change('operations', 'queued', { coalescedInto: 'late' }));
    expect(check(cut).excused).toEqual({ restartCutShort: 1 });
  });
});

test('every rule is held against each record', () => {
  expect(rules).toHaveLength(Object.keys(planted).length);
});
