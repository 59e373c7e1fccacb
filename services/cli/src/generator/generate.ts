import { readFileSync, writeFileSync } from 'node:fs';
import { type Document, documentTypes } from './document-types.ts';

const documentFile = new URL('../../../../docs/openapi.json', import.meta.url);
const typesFile = new URL('../api/generated/routes.ts', import.meta.url);

const types = documentTypes(JSON.parse(readFileSync(documentFile, 'utf8')) as Document);
if (!process.argv.includes('--check')) {
  writeFileSync(typesFile, types);
} else if (readFileSync(typesFile, 'utf8') !== types) {
  console.error('services/cli/s../api/generated/routes.ts is not what docs/openapi.json says. Fix: pnpm gen');
  process.exitCode = 1;
}
