import type { Paint } from './paint.ts';
import { padEnd, widthOf } from './text.ts';

/** Lines of "label  value"; a field without a value is left out. */
export function fields(
  pairs: readonly (readonly [label: string, value: string | undefined])[],
  paint: Paint,
): string[] {
  const shown = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined && pair[1] !== '');
  const width = Math.max(0, ...shown.map(([label]) => widthOf(label)));
  return shown.map(([label, value]) => `${paint('dim', padEnd(label, width))}  ${value}`);
}
