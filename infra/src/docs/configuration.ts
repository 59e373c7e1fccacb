import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../root.ts';
import { tables, type Variable } from './variables.ts';

export const configurationFile = path.join(root, 'docs/configuration.md');

const marked = /(<!-- variables: ([\w-]+) -->)[^]*?(<!-- end -->)/g;

/**
 * docs/configuration.md as the schemas say it: the words stay, the tables between the markers are made anew.
 * @throws Error when a table has no place in it, or a place no table
 */
export function configurationText(current: string = readFileSync(configurationFile, 'utf8')): string {
  const placed: string[] = [];
  const text = current.replace(marked, (_all, begin: string, name: string, end: string) => {
    const rows = tables[name];
    if (rows === undefined) throw new Error(`there are no variables called ${name}`);
    placed.push(name);
    return `${begin}\n\n${table(rows)}\n\n${end}`;
  });
  const missing = Object.keys(tables).filter((name) => !placed.includes(name));
  if (missing.length > 0) throw new Error(`docs/configuration.md has no place for: ${missing.join(', ')}`);
  return text;
}

/** Columns as wide as their widest cell, as the formatter wants them. */
function table(variables: readonly Variable[]): string {
  const rows = [
    ['Variable', 'Unless set', 'Means'],
    ...variables.map(({ name, unset, says }) => [`\`${name}\``, unset, says.replaceAll('|', String.raw`\|`)]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const [head, ...body] = rows.map((row) => line(row.map((cell, column) => cell.padEnd(widths[column] ?? 0))));
  return [head, line(widths.map((width) => '-'.repeat(width))), ...body].join('\n');
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
