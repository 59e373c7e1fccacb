import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { failures } from '@holdfast/workflows/failure/failures';
import { expect, test } from 'vitest';
import type { World } from '../../../services/cli/src/command/session.ts';
import { buildProgram } from '../../../services/cli/src/program.ts';
import { root } from '../root.ts';

/** Only what the tree of commands is built from; nothing is run. */
const nowhere = { version: '0', terminal: { out: {}, err: {} } } as unknown as World;
const program = buildProgram(nowhere, 'people', () => undefined);

const pages = globSync(['*.md', 'docs/*.md', 'docs/checklists/*.md', 'services/*/README.md'], { cwd: root }).map(
  (page) => ({
    where: page,
    text: readFileSync(path.join(root, page), 'utf8'),
  }),
);
const advice = Object.entries(failures).map(([code, { next }]) => ({ where: code, text: next }));

const told = [...pages, ...advice].flatMap(({ where, text }) =>
  [...text.matchAll(/(?:^|[`"/]|\$ )holdfast (?<noun>[a-z][a-z-]*)(?: (?<verb>[a-z-]+))?/gm)].map(({ groups }) => ({
    where,
    noun: groups?.['noun'] ?? '',
    verb: groups?.['verb'],
  })),
);

test.each(told)('$where names the command "$noun $verb", which there is', ({ noun, verb }) => {
  const command = program.commands.find((one) => one.name() === noun || one.aliases().includes(noun));
  expect(command).toBeDefined();
  if (command && verb && command.commands.length > 0) {
    expect(command.commands.flatMap((one) => [one.name(), ...one.aliases()])).toContain(verb);
  }
});
