import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { documentText } from '../src/openapi/document-text.ts';
import { type TestGateway, testGateway } from './support/gateway.ts';
import type { OpenApi } from './support/openapi.ts';

let gateway: TestGateway;
let document: OpenApi;
beforeAll(async () => {
  gateway = await testGateway();
  document = (await gateway.call('GET', '/openapi.json', { token: null })).json<OpenApi>();
});
afterAll(() => gateway.close());

test('the committed document is what the gateway serves; "pnpm gen" writes it anew', async () => {
  const committed = readFileSync(fileURLToPath(new URL('../../../docs/openapi.json', import.meta.url)), 'utf8');
  expect(JSON.parse(committed)).toEqual(document);
  expect(committed).toBe(await documentText());
});

test('it is OpenAPI 3.1 whose every reference leads somewhere', () => {
  expect(document.openapi).toBe('3.1.0');
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1] ?? '');
  const known = new Set(Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`));
  expect(references.filter((reference) => !known.has(reference))).toEqual([]);
});

test('every route but the document itself is in it, under an id of its own', () => {
  const described = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
  );
  const apart = /^(GET|HEAD) \/(docs.*|openapi\.json)$/;
  expect(new Set(described)).toEqual(new Set([...gateway.routes].filter((route) => !apart.test(route))));
  const ids = Object.values(document.paths).flatMap((item) =>
    Object.values(item).map((operation) => operation.operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
});

test('what needs a credential says so', () => {
  expect(document.paths['/health']?.['get']?.security).toBeUndefined();
  expect(document.paths['/workspaces']?.['post']?.security).toEqual([{ bearer: [] }]);
});

test.each(['/docs', '/docs/'])('a page to read it is served at %s with what it loads', async (address) => {
  const page = await gateway.call('GET', address, { token: null });
  expect(page.statusCode).toBe(200);
  const assets = [...page.body.matchAll(/(?:src|href)="(\.[^"]+)"/g)].map(
    (match) => new URL(match[1] ?? '', `http://x${address}`).pathname,
  );
  expect(assets).toContain('/docs/swagger-ui-bundle.js');
  for (const asset of assets)
    expect([asset, (await gateway.call('GET', asset, { token: null })).statusCode]).toEqual([asset, 200]);
});
