import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../root.ts';

const patterns = ['{workflows,activities,prisma,infra,services/*}/src/**/*.ts', 'prisma/*.ts', 'infra/bench/**/*.ts'];
const reading = /process\.env(?:\[['"](?<quoted>\w+)['"]\]|\.(?<plain>\w+))/g;

/** The variables that code takes from its own environment by name, and where. */
export function readVariables(): { name: string; file: string }[] {
  return globSync(patterns, { cwd: root })
    .filter((file) => !file.endsWith('.test.ts') && !file.includes('/generated/'))
    .flatMap((file) => {
      const found = readFileSync(path.join(root, file), 'utf8').matchAll(reading);
      return [...found].map(({ groups }) => ({ name: groups?.['quoted'] ?? groups?.['plain'] ?? '', file }));
    });
}
