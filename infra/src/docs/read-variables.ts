import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../root.ts';

const code = ['{workflows,activities,prisma,infra,services/*}/src/**/*.ts', 'prisma/*.ts', 'infra/bench/**/*.ts'];
const tests = ['{workflows,activities,prisma,infra,services/*}/test/**/*.ts'];
const reading = /process\.env(?:\[['"](?<quoted>\w+)['"]\]|\.(?<plain>\w+))/g;

/** The variables that code, and the switches that tests, take from their own environment by name, and where. */
export function readVariables(): { name: string; file: string }[] {
  const switches = namesIn(tests).filter(({ name }) => name.startsWith('HOLDFAST_'));
  return [...namesIn(code).filter(({ file }) => !file.endsWith('.test.ts')), ...switches];
}

const namesIn = (patterns: string[]): { name: string; file: string }[] =>
  globSync(patterns, { cwd: root })
    .filter((file) => !file.includes('/generated/'))
    .flatMap((file) => {
      const found = readFileSync(path.join(root, file), 'utf8').matchAll(reading);
      return [...found].map(({ groups }) => ({ name: groups?.['quoted'] ?? groups?.['plain'] ?? '', file }));
    });
