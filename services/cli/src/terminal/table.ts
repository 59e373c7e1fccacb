import type { Paint, Style } from './paint.ts';
import { cut, padEnd, padStart, printable, widthOf } from './text.ts';

export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
  readonly style?: (row: Row) => Style | undefined;
  readonly align?: 'right';
  /** Narrowest it may become, in columns, when the terminal is too narrow. Without one it is never cut. */
  readonly least?: number;
  /** Leaves the column out when no row has anything in it. */
  readonly optional?: true;
}

export interface TableLook {
  /** Width of the terminal; undefined when the reader is a program, for which nothing is cut. */
  readonly columns: number | undefined;
  readonly paint: Paint;
}

const GAP = 2;

/** Lines of a table, its titles first. Every cell is on one line and harmless to a terminal. */
export function table<Row>(
  rows: readonly Row[],
  wanted: readonly Column<Row>[],
  { columns, paint }: TableLook,
): string[] {
  const filled = wanted
    .map((column) => ({ column, cells: rows.map((row) => printable(column.text(row))) }))
    .filter(({ column, cells }) => !column.optional || cells.some((cell) => cell !== ''));
  const natural = filled.map(({ column, cells }) => Math.max(widthOf(column.title), ...cells.map(widthOf)));
  const widths =
    columns === undefined
      ? natural
      : fit(
          natural,
          filled.map(({ column }) => column.least),
          columns,
        );
  const line = (cell: (index: number) => string, style: (index: number) => Style | undefined): string =>
    filled
      .map(({ column }, index) => {
        const width = widths[index] ?? 0;
        const text = cut(cell(index), width);
        const padded =
          column.align === 'right' ? padStart(text, width) : padEnd(text, index === filled.length - 1 ? 0 : width);
        const chosen = style(index);
        return chosen && text !== '' ? paint(chosen, padded) : padded;
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  return [
    line(
      (index) => filled[index]?.column.title ?? '',
      () => 'dim',
    ),
    ...rows.map((row, at) =>
      line(
        (index) => filled[index]?.cells[at] ?? '',
        (index) => filled[index]?.column.style?.(row),
      ),
    ),
  ];
}

/** Takes from the widest column that still gives, until the line fits or none gives. */
function fit(natural: readonly number[], least: readonly (number | undefined)[], columns: number): number[] {
  const widths = [...natural];
  let over = widths.reduce((sum, width) => sum + width, 0) + GAP * (widths.length - 1) - columns;
  for (; over > 0; over -= 1) {
    let widest = -1;
    for (const [index, width] of widths.entries()) {
      if (width > (least[index] ?? width) && width > (widths[widest] ?? 0)) widest = index;
    }
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}
