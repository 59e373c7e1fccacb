import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { documentText } from './document-text.ts';

/** Where the committed document is. */
const file = fileURLToPath(new URL('../../../../docs/openapi.json', import.meta.url));

// Run: node --import ./services/gateway/register.mjs services/gateway/src/openapi/gen-openapi.ts
await writeFile(file, await documentText());
process.stdout.write(`${file}\n`);
process.exit(0);
