import { expect, test } from 'vitest';
import { documentTypes } from './document-types.ts';
import { type Schema, typeOf } from './schema-type.ts';

test.each<[Schema | boolean, string]>([
  [{ type: 'string', description: 'x' }, 'string'],
  [{ type: 'integer' }, 'number'],
  [{ enum: ['a', "it's", 1, null] }, String.raw`'a' | 'it\'s' | 1 | null`],
  [{ const: true }, 'true'],
  [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, 'string | null'],
  [{ anyOf: [{}, { type: 'null' }] }, 'unknown'],
  [{ type: ['string', 'null'] }, 'string | null'],
  [{ type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'null' }] } }, 'readonly (string | null)[]'],
  [{ type: 'array', items: { $ref: '#/components/schemas/Box' } }, 'readonly Box[]'],
  [{ type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }] }, 'readonly [string, number]'],
  [{ allOf: [{ $ref: '#/x/A' }, { anyOf: [{ $ref: '#/x/B' }, { $ref: '#/x/C' }] }] }, 'A & (B | C)'],
  [{ type: 'object', additionalProperties: { type: 'string' } }, '{ readonly [key: string]: string }'],
  [{ type: 'object', additionalProperties: false }, 'Record<string, never>'],
  [
    { type: 'object', properties: { a: { type: 'string' }, 'b-c': {} }, required: ['a'] },
    '{\n  readonly a: string;\n  readonly "b-c"?: unknown;\n}',
  ],
  [
    { type: 'object', properties: { a: true }, additionalProperties: {} },
    '{\n  readonly a?: unknown;\n  readonly [key: string]: unknown;\n}',
  ],
  [false, 'never'],
])('turns %j into a type', (schema, type) => expect(typeOf(schema)).toBe(type));

test('gives each route its path, query, body and answers', () => {
  const schema = (type: string) => ({ content: { 'application/json': { schema: { type } } } });
  const types = documentTypes({
    info: { version: '1' },
    paths: {
      '/a/{id}': {
        put: {
          summary: 'Says what.',
          parameters: [
            { name: 'id', in: 'path', required: true, schema: { type: 'string', description: 'x' } },
            { name: 'n', in: 'query', schema: { type: 'integer' } },
            { name: 'with', in: 'query', required: true, schema: { type: 'string', default: 'a default' } },
            { name: 'Idempotency-Key', in: 'header' },
          ],
          requestBody: schema('string'),
          responses: { 200: schema('boolean'), 201: schema('null'), 404: schema('number') },
        },
      },
    },
  });
  expect(types).toContain(`  /** Says what. */
  'PUT /a/{id}': {
    readonly path: { readonly id: string };
    readonly query: { readonly n?: number; readonly with?: string };
    readonly body: string;
    readonly answer: boolean | null;
  };`);
});

test('refuses a document with a component that says nothing', () => {
  const document = {
    info: { version: '1' },
    paths: {},
    components: { schemas: { A: { $ref: '#/components/schemas/A' } } },
  };
  expect(() => documentTypes(document)).toThrow('nothing but itself');
});
