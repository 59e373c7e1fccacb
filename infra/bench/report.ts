import { styleText } from 'node:util';
import type { Figure, Row } from './figure.ts';

/** What became of a figure. */
export interface Measured {
  readonly figure: Figure;
  readonly rows: readonly Row[];
  /** How much of the processor others used just before, from 0 to 1: what they take, the figure lacks. */
  readonly busyBefore: number;
  /** Why there are none. */
  readonly skipped?: string;
}

export interface Result {
  /** What it was measured on. */
  readonly machine: Readonly<Record<string, string>>;
  /** How long each load lasted. */
  readonly seconds: number;
  readonly measured: readonly Measured[];
}

const ratioOf = ({ value, against }: Row): number | undefined => (against ? value / against.value : undefined);

/** Undefined without a target. */
export function isMet({ value, target }: Row): boolean | undefined {
  if (!target) return undefined;
  return 'atMost' in target ? value <= target.atMost : value >= target.atLeast;
}

/** The result for a person. */
export function table({ machine, measured }: Result): string {
  const facts = Object.entries(machine).map(([name, value]) => `${name.padEnd(9)} ${value}`);
  const figures = measured.flatMap(({ figure, rows, busyBefore, skipped }) => {
    const others = `processor ${Math.round(busyBefore * 100)} % in use by others just before`;
    const head = ['', styleText('bold', figure.title), styleText('dim', `beside: ${figure.comparison}; ${others}`)];
    if (skipped !== undefined) return [...head, `  not measured: ${skipped}`];
    return [...head, ...aligned(rows.map(cells))];
  });
  return [...facts, ...figures].join('\n');
}

/** Name, value, comparison, ratio, target and whether it is met. */
export function cells(row: Row): string[] {
  const { name, value, unit, against, target } = row;
  const met = isMet(row);
  return [
    name,
    `${number(value)} ${unit}`,
    against ? `${number(against.value)} ${against.what}` : '',
    ratioCell(row),
    target ? ('atMost' in target ? `≤ ${number(target.atMost)}` : `≥ ${number(target.atLeast)}`) : '',
    met === undefined ? '' : met ? 'met' : 'missed',
  ];
}

/** Empty without a comparison. */
export function ratioCell(row: Row): string {
  const ratio = ratioOf(row);
  if (ratio === undefined) return '';
  const { spread } = row.against ?? {};
  return `× ${number(ratio)}${spread ? ` (${number(spread.from)}–${number(spread.to)})` : ''}`;
}

/** Three digits that mean something. */
function number(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en', { maximumFractionDigits: digits, useGrouping: false });
}

function aligned(rows: readonly string[][]): string[] {
  const widthOf = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const pad = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widthOf(column)) : cell.padStart(widthOf(column));
  return rows.map((row) => `  ${row.map(pad).join('   ')}`.trimEnd());
}

/** The result for a program. */
export function json({ machine, seconds, measured }: Result): string {
  const all = measured.map(({ figure: { name, title, comparison }, rows, busyBefore, skipped }) => ({
    name,
    title,
    comparison,
    busyBefore,
    ...(skipped === undefined ? {} : { skipped }),
    rows: rows.map((row) => ({ ...row, ratio: ratioOf(row), met: isMet(row) })),
  }));
  return JSON.stringify({ machine, seconds, figures: all }, null, 2);
}
