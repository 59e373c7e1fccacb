import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Document, documentTypes } from './document-types.ts';

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');

test('the committed types are those of the committed document (if not: pnpm gen)', () => {
  const document = JSON.parse(read('../../../../docs/openapi.json')) as Document;
  expect(read('../api/generated/routes.ts')).toBe(documentTypes(document));
});
