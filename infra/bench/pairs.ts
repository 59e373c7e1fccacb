import type { Row } from './figure.ts';
import { percentile } from './statistics.ts';

const PAIRS = 15;

/**
 * Ours and the raw thing, and the difference of each pair: measured in turns, so that what else the machine does hits
 * both alike. The first pair, which pays for what is loaded once, does not count.
 * @param targets.p95Above how far our p95 may lie above the raw one, in milliseconds
 */
export async function measurePairs(
  tell: (what: string) => void,
  ours: () => Promise<number>,
  what: string,
  raw: () => Promise<number>,
  targets: { readonly p95Above: number; readonly p50?: number },
): Promise<Row[]> {
  const pairs: { ours: number; raw: number }[] = [];
  for (let pair = 0; pair <= PAIRS; pair += 1) {
    tell(`pair ${pair} of ${PAIRS}`);
    pairs.push({ ours: await ours(), raw: await raw() });
  }
  pairs.shift();
  const at = (percent: number, of: (pair: { ours: number; raw: number }) => number) =>
    percentile(pairs.map(of), percent);
  const row = (percent: number, atMost: number | undefined): Row => ({
    name: `p${percent}`,
    value: at(percent, (pair) => pair.ours),
    unit: 'ms',
    against: { what, value: at(percent, (pair) => pair.raw) },
    ...(atMost === undefined ? {} : { target: { atMost } }),
  });
  const difference = (pair: { ours: number; raw: number }): number => pair.ours - pair.raw;
  return [
    row(50, targets.p50),
    row(95, at(95, (pair) => pair.raw) + targets.p95Above),
    { name: 'difference of a pair, p50', value: at(50, difference), unit: 'ms' },
    { name: 'difference of a pair, p95', value: at(95, difference), unit: 'ms' },
  ];
}
