import fc, { type Arbitrary } from 'fast-check';
import type { JsonSchema } from './openapi.ts';

/** Values that have broken servers before. */
const hostile: Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, '', 0, -1, 1.5, 1e308, 2 ** 31, 2 ** 53, -0, true, [], {}, [null], { length: 1 }),
  fc.constantFrom(
    '\0',
    'a\0b',
    '\ud800',
    '\u202e',
    'x'.repeat(70_000),
    '../../etc/passwd',
    '/etc',
    "'; DROP TABLE workspaces; --",
    '{{7*7}}',
    'http://169.254.169.254/',
    'http://[::1]:5432/',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.jsonValue({ maxDepth: 3 }),
  fc.constant({ __proto__: null, constructor: { prototype: { admin: true } } }),
);

/** Mostly what the schema describes; now and then, anywhere in it, something hostile. */
export function valueOf(schema: JsonSchema, schemas: Record<string, JsonSchema>, depth = 0): Arbitrary<unknown> {
  const fitting = depth > 6 ? fc.constant(null) : fittingValue(schema, schemas, depth);
  return fc.oneof({ weight: 8, arbitrary: fitting }, { weight: 1, arbitrary: hostile });
}

function fittingValue(schema: JsonSchema, schemas: Record<string, JsonSchema>, depth: number): Arbitrary<unknown> {
  const inner = (one: JsonSchema) => valueOf(one, schemas, depth + 1);
  if (schema.$ref) return fittingValue(schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, schemas, depth + 1);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map(inner));
  switch ([schema.type ?? ''].flat()[0] ?? '') {
    case 'object': {
      const properties = Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, one]) => [name, inner(one)]),
      );
      const described = fc.record(properties, {
        requiredKeys: (schema.required ?? []).filter((name) => name in properties),
      });
      if (typeof schema.additionalProperties !== 'object') return described;
      return fc
        .tuple(
          described,
          fc.dictionary(fc.string({ maxLength: 12 }), inner(schema.additionalProperties), { maxKeys: 3 }),
        )
        .map(([a, b]) => ({ ...b, ...a }));
    }
    case 'array':
      return fc.array(inner(schema.items ?? {}), { maxLength: 4 });
    case 'string':
      return schema.format === 'uuid' ? fc.uuid() : fc.string({ maxLength: Math.min(schema.maxLength ?? 30, 300) });
    case 'integer':
      return fc.integer({
        min: Math.max(schema.minimum ?? -10, -(2 ** 31)),
        max: Math.min(schema.maximum ?? 1_000, 2 ** 31 - 1),
      });
    case 'number':
      return fc.double({ noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

/** A body as it goes over the wire: JSON of such a value, or bytes that are none. */
export const bodyOf = (schema: JsonSchema, schemas: Record<string, JsonSchema>): Arbitrary<string> =>
  fc.oneof(
    { weight: 9, arbitrary: valueOf(schema, schemas).map((value) => JSON.stringify(value) ?? '') },
    {
      weight: 1,
      arbitrary: fc.oneof(
        fc.string({ maxLength: 30 }),
        fc.constantFrom('{', '[[[[', '"', '{"a":1}{', '\0', `${'['.repeat(50_000)}`),
      ),
    },
  );
