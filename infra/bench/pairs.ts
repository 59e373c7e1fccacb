import type { Row } from './figure.ts';
import { percentile } from './statistics.ts';

const PAIRS = 15;
/** Of the ratios of single pairs, the middle of so many percent is the spread. */
const SPREAD = [10, 90] as const;

/** Ours and the raw thing, one right after the other: what else the machine does hits both alike. */
export interface Pair<T = number> {
  readonly ours: T;
  readonly raw: T;
}

/** The medians of both, and the spread of the ratio from pair to pair. */
export function pairRow(
  { name, unit, what }: { readonly name: string; readonly unit: Row['unit']; readonly what: string },
  pairs: readonly Pair[],
): Row {
  const ratios = pairs.map(({ ours, raw }) => ours / raw);
  const [from, to] = SPREAD.map((percent) => percentile(ratios, percent)) as [number, number];
  return {
    name,
    value: percentile(
      pairs.map(({ ours }) => ours),
      50,
    ),
    unit,
    against: {
      what,
      value: percentile(
        pairs.map(({ raw }) => raw),
        50,
      ),
      spread: { from, to },
    },
  };
}

/** The pairs of one number of what was measured. */
export const pairsOf = <T>(pairs: readonly Pair<T>[], number: (one: T) => number): Pair[] =>
  pairs.map(({ ours, raw }) => ({ ours: number(ours), raw: number(raw) }));

/** How much more ours takes than the raw thing right beside it. */
export function differenceRow(name: string, percent: number, pairs: readonly Pair[]): Row {
  const differences = pairs.map(({ ours, raw }) => ours - raw);
  return { name, value: percentile(differences, percent), unit: 'ms' };
}

/**
 * Milliseconds of ours and of the raw thing in turns. The first pair, which pays for what is loaded once, does not
 * count.
 */
export async function inTurns(
  tell: (what: string) => void,
  ours: () => Promise<number>,
  raw: () => Promise<number>,
  count = PAIRS,
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let pair = 0; pair <= count; pair += 1) {
    tell(`pair ${pair} of ${count}`);
    pairs.push({ ours: await ours(), raw: await raw() });
  }
  return pairs.slice(1);
}

/** @param targets.p95Above how far our p95 may lie above the raw one, in milliseconds */
export function bringUpRows(
  pairs: readonly Pair[],
  what: string,
  targets: { readonly p95Above: number; readonly p50?: number },
): Row[] {
  const p95 = (of: (pair: Pair) => number): number => percentile(pairs.map(of), 95);
  const raw = p95((pair) => pair.raw);
  return [
    {
      ...pairRow({ name: 'p50', unit: 'ms', what }, pairs),
      ...(targets.p50 === undefined ? {} : { target: { atMost: targets.p50 } }),
    },
    {
      name: 'p95',
      value: p95((pair) => pair.ours),
      unit: 'ms',
      against: { what, value: raw },
      target: { atMost: raw + targets.p95Above },
    },
    differenceRow('difference of a pair, p50', 50, pairs),
    differenceRow('difference of a pair, p95', 95, pairs),
  ];
}
