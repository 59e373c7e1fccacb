import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../root.ts';

/** A row of the table of invariants: what must stay true, and the tests that hold it. */
export interface Invariant {
  readonly says: string;
  readonly tests: readonly { readonly file: string; readonly title: string }[];
}

const reference = /`(?<file>[\w./-]+\.test\.ts)` “(?<title>[^”]+)”/g;

/** The invariants of docs/ARCHITECTURE.md. */
export function invariants(
  text: string = readFileSync(path.join(root, 'docs/ARCHITECTURE.md'), 'utf8'),
): readonly Invariant[] {
  const section = text.split(/^## /m).find((part) => part.startsWith('Invariants')) ?? '';
  const [, , ...rows] = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.map((row) => {
    const [says = '', held = ''] = row.slice(1).split('|');
    const tests = [...held.matchAll(reference)].map(({ groups }) => ({
      file: groups?.['file'] ?? '',
      title: groups?.['title'] ?? '',
    }));
    return { says: says.trim(), tests };
  });
}
