/** As much of JSON Schema 2020-12 as an OpenAPI 3.1 document of zod schemas has. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema | boolean>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  items?: Schema | boolean;
  prefixItems?: Schema[];
  default?: unknown;
  description?: string;
}

/** The TypeScript type of a schema, erasable: no enums, no classes. */
export function typeOf(schema: Schema | boolean, indent = ''): string {
  if (typeof schema === 'boolean') return schema ? 'unknown' : 'never';
  if (schema.$ref !== undefined) return nameOf(schema.$ref);
  if ('const' in schema) return literal(schema.const);
  if (schema.enum) return union(schema.enum.map(literal));
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return union(alternatives.map((one) => typeOf(one, indent)));
  if (schema.allOf) return schema.allOf.map((one) => bracketed(typeOf(one, indent))).join(' & ');
  if (Array.isArray(schema.type)) return union(schema.type.map((type) => typeOf({ ...schema, type }, indent)));
  switch (schema.type) {
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type;
    case 'integer':
    case 'number':
      return 'number';
    case 'array':
      return arrayOf(schema, indent);
    case undefined:
    default:
      return schema.type === 'object' || schema.properties ? objectOf(schema, indent) : 'unknown';
  }
}

/** The name of the component a reference points at, fit for TypeScript. */
const nameOf = (reference: string): string =>
  typeName(decodeURIComponent(reference.slice(reference.lastIndexOf('/') + 1)));
export const typeName = (name: string): string => name.replaceAll(/\W+/g, '_').replace(/^(?=\d)/, '_');

/** A comment in front of a member or a type; nothing when there is nothing to say. */
export const commentOf = (text: string | undefined, indent: string): string =>
  text
    ? `${indent}/** ${text
        .trim()
        .replaceAll('*/', '*\\/')
        .replaceAll(/\s*\n\s*/g, ' ')} */\n`
    : '';

const literal = (value: unknown): string =>
  typeof value === 'string' ? `'${value.replaceAll(/['\\]/g, '\\$&')}'` : JSON.stringify(value);
const union = (types: string[]): string =>
  types.includes('unknown') ? 'unknown' : [...new Set(types)].join(' | ') || 'never';
const bracketed = (type: string): string => (/[|&]/.test(type) && !/^[[{]/.test(type) ? `(${type})` : type);

function arrayOf(schema: Schema, indent: string): string {
  if (schema.prefixItems) return `readonly [${schema.prefixItems.map((one) => typeOf(one, indent)).join(', ')}]`;
  return `readonly ${bracketed(typeOf(schema.items ?? true, indent))}[]`;
}

function objectOf(schema: Schema, indent: string): string {
  const { properties = {}, required = [], additionalProperties } = schema;
  const inner = `${indent}  `;
  const members = Object.entries(properties).map(([name, member]) => {
    const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
    const optional = required.includes(name) ? '' : '?';
    const comment = commentOf(typeof member === 'object' ? member.description : undefined, inner);
    return `${comment}${inner}readonly ${key}${optional}: ${typeOf(member, inner)};\n`;
  });
  // With known members, an index signature would have to allow all of their types: anything else is unknown.
  const others =
    typeof additionalProperties === 'object' && members.length === 0 ? typeOf(additionalProperties, inner) : 'unknown';
  if (members.length === 0)
    return additionalProperties === false ? 'Record<string, never>' : `{ readonly [key: string]: ${others} }`;
  // zod writes `{}` for "anything else may be there too"; nothing at all is an object that says all it has.
  const index =
    additionalProperties === undefined || additionalProperties === false
      ? ''
      : `${inner}readonly [key: string]: unknown;\n`;
  return `{\n${members.join('')}${index}${indent}}`;
}
