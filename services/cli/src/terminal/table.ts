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
  /** Leaves the column out when the terminal is too narrow for all of them; the last one goes first. */
  readonly spare?: true;
}

export interface TableLook {
  /** Width of the terminal; undefined when the reader is a program, for which nothing is cut. */
  readonly columns: number | undefined;
  readonly paint: Paint;
}

const GAP = 2;

/** A column with its cells, as wide as it is drawn. */
interface Measured<Row> {
  readonly column: Column<Row>;
  readonly cells: readonly string[];
  readonly least: number;
  width: number;
}

/** Lines of a table, its titles first. Every cell is on one line and harmless to a terminal. */
export function table<Row>(rows: readonly Row[], wanted: readonly Column<Row>[], look: TableLook): string[] {
  const measured = wanted
    .map((column) => measure(column, rows))
    .filter(({ column, cells }) => !column.optional || cells.some((cell) => cell !== ''));
  const shown = look.columns === undefined ? measured : fitted(measured, look.columns);
  const line = (cells: readonly (readonly [string, Style | undefined])[]): string =>
    cells
      .map(([text, style], index) => {
        const padded = aligned(text, shown[index], index === shown.length - 1);
        return style && text !== '' ? look.paint(style, padded) : padded;
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  return [
    line(shown.map(({ column }) => [column.title, 'dim'])),
    ...rows.map((row, at) => line(shown.map(({ column, cells }) => [cells[at] ?? '', column.style?.(row)]))),
  ];
}

function measure<Row>(column: Column<Row>, rows: readonly Row[]): Measured<Row> {
  const cells = rows.map((row) => printable(column.text(row)));
  const width = Math.max(widthOf(column.title), ...cells.map(widthOf));
  return { column, cells, width, least: Math.min(width, column.least ?? width) };
}

function aligned<Row>(text: string, of: Measured<Row> | undefined, isLast: boolean): string {
  const width = of?.width ?? 0;
  const short = cut(text, width);
  if (of?.column.align === 'right') return padStart(short, width);
  return isLast ? short : padEnd(short, width);
}

const sum = (widths: readonly number[]): number =>
  widths.reduce((all, width) => all + width, 0) + GAP * (widths.length - 1);

/** The columns that fit: spare ones go, then the widest that gives becomes narrower, until they do or none gives. */
function fitted<Row>(columns: readonly Measured<Row>[], most: number): readonly Measured<Row>[] {
  const isTooWide = sum(columns.map(({ least }) => least)) > most;
  const spare = isTooWide ? columns.findLast(({ column }) => column.spare) : undefined;
  if (spare) {
    return fitted(
      columns.filter((column) => column !== spare),
      most,
    );
  }
  for (let over = sum(columns.map(({ width }) => width)) - most; over > 0; over -= 1) {
    const giving = columns.filter(({ width, least }) => width > least);
    const widest = giving.toSorted((a, b) => b.width - a.width)[0];
    if (!widest) break;
    widest.width -= 1;
  }
  return columns;
}
