import { commentOf, type Schema, typeName, typeOf } from './schema-type.ts';

interface Content {
  content?: Record<string, { schema?: Schema }>;
}

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  schema?: Schema;
}

interface Operation {
  summary?: string;
  parameters?: Parameter[];
  requestBody?: Content & { required?: boolean };
  responses?: Record<string, Content>;
}

/** An OpenAPI 3.1 document, as much of it as we read. */
export interface Document {
  info: { version: string };
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, Schema> };
}

const HEAD = `// Generated from docs/openapi.json by "pnpm gen": do not edit.
`;

const methods = ['get', 'post', 'put', 'patch', 'delete'];

/** The file of types of an API: one type a component, and one row a route. */
export function documentTypes(document: Document): string {
  const schemas = Object.entries(document.components?.schemas ?? {})
    .sort(byKey)
    .map(([name, schema]) => {
      if (typeOf(schema) === typeName(name))
        throw new Error(`The component ${name} of the document is nothing but itself.`);
      return `${commentOf(schema.description, '')}export type ${typeName(name)} = ${typeOf(schema)};\n`;
    });
  const routes = Object.entries(document.paths)
    .sort(byKey)
    .flatMap(([path, item]) =>
      methods.flatMap((method) => (item[method] ? [routeType(`${method.toUpperCase()} ${path}`, item[method])] : [])),
    );
  const names = Object.entries(document.paths)
    .sort(byKey)
    .flatMap(([path, item]) =>
      methods.filter((method) => item[method]).map((method) => `  '${method.toUpperCase()} ${path}',\n`),
    );
  return [
    HEAD,
    ...schemas,
    `/** Every route: what is in its path, its query and its body, and what it answers. */\nexport interface Routes {\n${routes.join('')}}\n`,
    `/** Every route, as METHOD and path. */\nexport const routes: readonly (keyof Routes)[] = [\n${names.join('')}];\n`,
  ].join('\n');
}

const byKey = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);

function routeType(route: string, operation: Operation): string {
  const inner = '    ';
  const body = jsonOf(operation.requestBody);
  const members = [
    `readonly path: ${parameters(operation, 'path')};`,
    `readonly query: ${parameters(operation, 'query')};`,
    `readonly body: ${body ? typeOf(body, inner) : 'undefined'};`,
    `readonly answer: ${answerType(operation, inner)};`,
  ];
  return `${commentOf(operation.summary, '  ')}  '${route}': {\n${members.map((member) => `${inner}${member}\n`).join('')}  };\n`;
}

const jsonOf = (content: Content | undefined): Schema | undefined => content?.content?.['application/json']?.schema;

/** The successes of a route; a route that answers no JSON has none. */
function answerType(operation: Operation, indent: string): string {
  const types = Object.entries(operation.responses ?? {})
    .filter(([status]) => status.startsWith('2'))
    .flatMap(([, response]) => jsonOf(response) ?? [])
    .map((schema) => typeOf(schema, indent));
  return [...new Set(types)].join(' | ') || 'unknown';
}

function parameters(operation: Operation, where: string): string {
  const found = (operation.parameters ?? []).filter((parameter) => parameter.in === where);
  if (found.length === 0) return '{}';
  const members = found.map(({ name, required, schema }) => {
    const type = where === 'path' ? 'string' : typeOf(schema ?? true);
    return `readonly ${/^\w+$/.test(name) ? name : JSON.stringify(name)}${required && schema?.default === undefined ? '' : '?'}: ${type}`;
  });
  return `{ ${members.join('; ')} }`;
}
