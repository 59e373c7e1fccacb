import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../root.ts';

const folders = 'workflows|activities|prisma|services|infra|docs|bin|\\.ci';
const named = new RegExp(`\`((?:${folders})/[\\w./-]+)\``, 'g');
const linked = /\]\((?!https?:|#)([^)#]+)/g;

/** What the pages point to in this repository; made when something runs, or a pattern of names, is left out. */
const targets = globSync(['*.md', 'docs/**/*.md', 'services/*/README.md'], { cwd: root }).flatMap((page) => {
  const text = readFileSync(path.join(root, page), 'utf8');
  const files = [...text.matchAll(named)].map((match) => match[1] ?? '').filter((file) => !file.includes('/dist/'));
  const links = [...text.matchAll(linked)].map((match) => path.join(path.dirname(page), match[1] ?? ''));
  return [...files, ...links].map((target) => ({ page, target }));
});

test.each(targets)('$page points to $target, which is there', ({ target }) => {
  expect(existsSync(path.join(root, target))).toBe(true);
});
