import { describe, expect, test } from 'vitest';
import { intakeMatrix, requestableKinds } from './matrix.ts';
import { bringUpKinds, coalescedKinds, operationKinds, workflowTypes } from './operation.ts';

/** The design's table, word for word: running down, requested across. */
const design = `
  none       run    run                  run       run       run         run     run
  provision  queue  preempt              notFound  notFound  join        refuse  preempt
  restart    queue  preempt              notFound  notFound  join        refuse  preempt
  resume     queue  preempt              notFound  notFound  join        refuse  preempt
  wake       queue  preempt              notFound  notFound  join        refuse  preempt
  switch     queue  preempt              notFound  notFound  join        refuse  preempt
  pause      queue  joinInsteadOfQueued  queue     notFound  impossible  refuse  preempt
  hibernate  queue  preempt              notFound  notFound  queue       refuse  preempt
  delete     notFound notFound           notFound  notFound  notFound    notFound join`;
const columns = ['restart', 'pause', 'resume', 'hibernate', 'wake', 'switch', 'delete'] as const;
const cells = design
  .trim()
  .split('\n')
  .flatMap((line) => {
    const [running, ...decisions] = line.trim().split(/\s+/);
    return columns.map((requested, place) => [running, requested, decisions[place]] as const);
  });

describe('the intake matrix', () => {
  test.each(cells)('while %s runs, %s is answered by %s', (running, requested, decision) => {
    expect(intakeMatrix[running as keyof typeof intakeMatrix][requested]).toBe(decision);
  });

  test('has no cell beyond the design', () => {
    expect([...requestableKinds]).toEqual([...columns]);
    expect(Object.keys(intakeMatrix).sort()).toEqual(['none', ...operationKinds].sort());
    expect(Object.values(intakeMatrix).flatMap((row) => Object.keys(row))).toHaveLength(cells.length);
  });

  test('queues only verbs that the next cycle serves or that run by themselves after it', () => {
    const queued = cells.filter(([, , decision]) => decision === 'queue').map(([, requested]) => requested);
    for (const kind of queued) expect(coalescedKinds as readonly string[]).toContain(kind);
  });

  test('lets a delete in from every state', () => {
    for (const running of Object.values(intakeMatrix)) expect(['run', 'preempt', 'join']).toContain(running.delete);
  });
});

describe('the verbs', () => {
  test('each have a workflow type of their own that says what it does', () => {
    expect(Object.keys(workflowTypes).sort()).toEqual([...operationKinds].sort());
    expect(new Set(Object.values(workflowTypes)).size).toBe(operationKinds.length);
    for (const [kind, type] of Object.entries(workflowTypes)) expect(type.startsWith(kind)).toBe(true);
  });

  test('that are coalesced are bring-ups', () => {
    for (const kind of coalescedKinds) expect(bringUpKinds).toContain(kind);
  });
});
