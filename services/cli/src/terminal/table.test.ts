import { expect, test } from 'vitest';
import { painted, plain } from './paint.ts';
import { type Column, table } from './table.ts';
import { widthOf } from './text.ts';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly tasks: number;
  readonly note?: string;
}

const columns: Column<Row>[] = [
  { title: 'ID', text: ({ id }) => id },
  { title: 'NAME', text: ({ name }) => name, least: 6, style: () => 'bold' },
  { title: 'TASKS', text: ({ tasks }) => String(tasks), align: 'right' },
  { title: 'NOTE', text: ({ note }) => note ?? '', least: 4, optional: true },
];
const rows: Row[] = [
  { id: 'a1', name: 'scout', tasks: 2 },
  { id: 'b2', name: 'a much longer name', tasks: 10, note: 'says something at some length' },
];

test('lines columns up, numbers to the right, without trailing blanks', () => {
  expect(table(rows, columns, { columns: undefined, paint: plain })).toEqual([
    'ID  NAME                TASKS  NOTE',
    'a1  scout                   2',
    'b2  a much longer name     10  says something at some length',
  ]);
});

test('leaves a column out that nobody has anything in', () => {
  expect(table(rows.slice(0, 1), columns, { columns: undefined, paint: plain })).toEqual([
    'ID  NAME   TASKS',
    'a1  scout      2',
  ]);
});

test.each([60, 48, 40, 30, 25])('fits %i columns, and never cuts an id', (width) => {
  const lines = table(rows, columns, { columns: width, paint: painted });
  expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(width);
  expect(lines[2]).toContain('b2');
});

test('gives up spare columns before it cuts below what is readable, the last one first', () => {
  const spares: Column<Row>[] = [
    { title: 'ID', text: ({ id }) => id },
    { title: 'HOST', text: () => 'a-host', spare: true },
    { title: 'NAME', text: ({ name }) => name, least: 6 },
    { title: 'BY', text: () => 'somebody', spare: true },
  ];
  const titles = (width: number): string[] =>
    (table(rows, spares, { columns: width, paint: plain })[0] ?? '').split(/ +/);
  expect([titles(60), titles(28), titles(27), titles(17)]).toEqual([
    ['ID', 'HOST', 'NAME', 'BY'],
    ['ID', 'HOST', 'NAME', 'BY'],
    ['ID', 'HOST', 'NAME'],
    ['ID', 'NAME'],
  ]);
});

test('stays readable when the terminal is narrower than what may not be cut', () => {
  expect(table(rows, columns, { columns: 5, paint: plain })[2]).toBe('b2  a muc…     10  say…');
});

test('keeps a row on its line whatever stands in a cell', () => {
  const [, line] = table([{ id: 'c3', name: 'x\n\u001B[1A', tasks: 0 }], columns, { columns: undefined, paint: plain });
  expect(line).toBe('c3  x \uFFFD[1A      0');
});
