import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { documentText } from './document-text.ts';

// gen-openapi.ts          writes docs/openapi.json
// gen-openapi.ts --check  fails when it is not what the routes say
// Nest's decorators are beyond type stripping: run it with --import ./register.mjs
const file = fileURLToPath(new URL('../../../../docs/openapi.json', import.meta.url));
const text = await documentText();
if (!process.argv.includes('--check')) {
  await writeFile(file, text);
} else if ((await readFile(file, 'utf8')) !== text) {
  console.error('docs/openapi.json is not what the routes say. Fix: bin/dev pnpm gen');
  process.exit(1);
}
process.exit(0);
