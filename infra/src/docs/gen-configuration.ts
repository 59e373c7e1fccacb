import { readFileSync, writeFileSync } from 'node:fs';
import { configurationFile, configurationText } from './configuration.ts';

// gen-configuration.ts          writes the tables of docs/configuration.md
// gen-configuration.ts --check  fails when they are not what the schemas say
const text = configurationText();
if (!process.argv.includes('--check')) {
  writeFileSync(configurationFile, text);
} else if (readFileSync(configurationFile, 'utf8') !== text) {
  console.error('docs/configuration.md is not what the schemas say. Fix: bin/dev pnpm gen');
  process.exitCode = 1;
}
