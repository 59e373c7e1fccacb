import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../root.ts';
import { acts } from './acts.ts';
import { typed } from './holdfast.ts';
import type { Scene } from './scene.ts';

const empty: Scene = {
  clouds: [
    { name: 'aws', machines: [] },
    { name: 'hetzner', machines: [] },
    { name: 'gcp', machines: [] },
  ],
  status: {},
  latest: undefined,
  boxes: [],
};
const untrue = (act: number, scene: Scene): string[] =>
  acts
    .at(act)!
    .claims(scene)
    .filter(({ holds }) => !holds)
    .map(({ says }) => says);

test('the end holds with nothing left, and not with a machine or a box', () => {
  expect(untrue(-1, empty)).toEqual([]);
  const machine = { id: 'i-1', workspace: 'nobody of the ledger' };
  expect(untrue(-1, { ...empty, clouds: [{ name: 'aws', machines: [machine] }] })).toEqual(['all clouds are empty']);
  const box = { id: 'b', workspace_name: 'scout', state: 'owed' };
  expect(untrue(-1, { ...empty, boxes: [box] })).toEqual(['ledger: 1 live boxes']);
});

test('a workspace with a second machine in the same cloud or in another one is not online as claimed', () => {
  const scout = (id: string) => ({ id, workspace: 'scout' });
  const steps = [{ step: 'prepare', state: 'done' }];
  const latest = { id: 'o', kind: 'provision', state: 'succeeded', failure: null, steps };
  const on = (...aws: string[]): Scene => ({
    ...empty,
    clouds: [{ name: 'aws', machines: aws.map(scout) }],
    status: { scout: 'online' },
    latest,
  });
  expect(untrue(0, on('i-1'))).toEqual([]);
  const says = ['scout is online on aws and has no other machine'];
  expect(untrue(0, on('i-1', 'i-2'))).toEqual(says);
  expect(untrue(0, { ...on(), clouds: [{ name: 'gcp', machines: [scout('g-1')] }] })).toEqual(says);
});

test('a switch that asked for the new machine first is told from one that stopped the old one first', () => {
  const steps = (...names: string[]) => names.map((step) => ({ step, state: 'done' }));
  const scene = (...names: string[]): Scene => ({
    ...empty,
    clouds: [{ name: 'hetzner', machines: [{ id: '1', workspace: 'scout' }] }],
    status: { scout: 'online' },
    latest: { id: 'o', kind: 'switch', state: 'succeeded', failure: null, steps: steps(...names) },
  });
  expect(untrue(2, scene('settle', 'move', 'start'))).toEqual([]);
  expect(untrue(2, scene('start', 'move', 'settle'))).toHaveLength(1);
});

describe('the README', () => {
  const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
  const told = /^```text\n✓ Three clouds[^]*?^```$/m.exec(readme)?.[0] ?? '';

  test.each(acts.map(({ shows, command }, index) => ({ act: `${index + 1}. ${shows}`, command: typed(command) })))(
    'tells act $act as it is played',
    ({ act, command }) => {
      expect(told).toContain(`\n${act}\n\n   $ ${command}\n`);
    },
  );
});
