import { describe, expect, test } from 'vitest';
import type { Figure, Row } from '../../bench/figure.ts';
import { figures } from '../../bench/figures/index.ts';
import { markdown } from '../../bench/markdown.ts';
import { pairRow, pairsOf } from '../../bench/pairs.ts';
import { cells, isMet, json, type Measured, table } from '../../bench/report.ts';

const figure: Figure = {
  name: 'list',
  title: 'A list',
  comparison: 'a bare server',
  goal: 'Lists are quick.',
  run: () => Promise.resolve([]),
};
const row: Row = {
  name: 'p95',
  value: 30,
  unit: 'ms',
  against: { what: 'bare server', value: 15, spread: { from: 1.9, to: 2.25 } },
  target: { atMost: 25 },
};
const measured = (over: Partial<Measured> = {}): Measured => ({ figure, rows: [row], busyBefore: 0, ...over });
const page = (...all: Measured[]): string => markdown({ machine: { processor: '2 × a' }, seconds: 8, measured: all });

test('a target that was not measured is not met', () => {
  const unmeasured = { name: 'a', value: Number.NaN, unit: 'ms', target: { atMost: 5 } } as const;
  expect(isMet(unmeasured)).toBe(false);
  expect(isMet({ ...unmeasured, value: 5 })).toBe(true);
  expect(isMet({ ...unmeasured, value: 5, target: { atLeast: 6 } })).toBe(false);
});

test('a figure that this machine cannot measure says why', () => {
  const skipped = [measured({ rows: [], skipped: 'no engine' })];
  expect(table({ machine: {}, seconds: 1, measured: skipped })).toMatch(/\n  not measured: no engine$/);
});

test('a row shows its comparison, the ratio with its spread, and its target', () => {
  expect(cells(row)).toEqual(['p95', '30 ms', '15 bare server', '× 2 (1.9–2.25)', '≤ 25', 'missed']);
});

test('a program gets what a person is shown', () => {
  const parsed: unknown = JSON.parse(json({ machine: {}, seconds: 1, measured: [measured()] }));
  expect(parsed).toMatchObject({ figures: [{ name: 'list', rows: [{ ...row, ratio: 2, met: false }] }] });
});

describe('a row of pairs', () => {
  test('compares the medians, and spreads as the ratio did from pair to pair', () => {
    const pairs = Array.from({ length: 9 }, (_, place) => ({ ours: 10 * (place + 1), raw: 10 }));
    expect(pairRow({ name: 'a', unit: 'ms', what: 'raw' }, pairs)).toEqual({
      name: 'a',
      value: 50,
      unit: 'ms',
      against: { what: 'raw', value: 10, spread: { from: 1, to: 9 } },
    });
  });

  test('keeps together what was measured together', () => {
    const load = (perSecond: number) => ({ perSecond });
    const pairs = [
      { ours: load(1), raw: load(2) },
      { ours: load(3), raw: load(4) },
    ];
    expect(pairsOf(pairs, ({ perSecond }) => perSecond)).toEqual([
      { ours: 1, raw: 2 },
      { ours: 3, raw: 4 },
    ]);
  });
});

describe('the page', () => {
  test('lists every row that has a target, with its figure and its ratio', () => {
    const text = page(measured({ rows: [row, { ...row, name: 'p50', target: { atMost: 50 } }] }));
    expect(text).toContain('| Lists are quick. | list: p95 | ≤ 25 | 30 ms | × 2 (1.9–2.25) | missed |');
    expect(text).toContain('|  | list: p50 | ≤ 50 | 30 ms | × 2 (1.9–2.25) | met |');
  });

  test('lists a target that this machine could not measure as such', () => {
    expect(page(measured({ rows: [], skipped: 'no engine' }))).toContain(
      '| Lists are quick. | list |  | not measured |',
    );
  });

  test('says when others kept the machine busy meanwhile, and when nobody did', () => {
    expect(page(measured(), measured({ busyBefore: 0.4 }))).toContain('under load: others used up to 40 %');
    expect(page(measured({ busyBefore: 0.05 }))).toContain('Others used at most 5 % of the processor');
  });

  test('explains every figure there is, also one that was not part of the run', () => {
    for (const { name, title, comparison, goal } of figures) {
      expect(page()).toContain(`### \`${name}\`: ${title}\n\nBeside: ${comparison}.\n\nNot measured: `);
      if (goal !== undefined) expect(page()).toContain(`| ${goal} | ${name} |  | not measured |`);
    }
  });
});
