import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../root.ts';

/** A visibility query that the page on operating gives to operators. */
export interface SavedQuery {
  /** The words in bold above it. */
  readonly name: string;
  readonly query: string;
}

/** The queries of the page, in its order. */
export function savedQueries(page = readFileSync(path.join(root, 'docs/operating.md'), 'utf8')): SavedQuery[] {
  const blocks = [...page.matchAll(/^```sql\n(?<query>[^`]+)\n```$/gm)];
  return blocks.map(({ groups, index }) => {
    const name = /\*\*(?<name>[^*]+?)\.?\*\*[^*]*$/.exec(page.slice(0, index))?.groups?.['name'];
    if (name === undefined) throw new Error(`the query "${groups?.['query']}" has no name above it`);
    return { name, query: groups?.['query'] ?? '' };
  });
}
