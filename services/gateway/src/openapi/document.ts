import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';
import { type Policy } from '../policy/policy.ts';
import { policyTable } from '../policy/policy-table.ts';
import { ProblemView } from '../problem/problem.dto.ts';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;
const problem = (description: string) => ({
  description,
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } },
});
const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header' as const,
  required: false,
  description: 'Repeating a request under the same key gives the same answer and changes nothing. Kept for 24 hours.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

/** The OpenAPI 3.1 document, from the zod schemas at the handlers and the policy table. */
export function buildDocument(app: NestFastifyApplication): OpenAPIObject {
  const described = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Holdfast')
    .setDescription('Runs fleets of agent workspaces.')
    .setVersion('1')
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', description: 'Admin token, org token or workspace token.' },
      'bearer',
    )
    .build();
  const document = SwaggerModule.createDocument(app, described, {
    operationIdFactory: (_controller: string, method: string) => method,
    standardSchemaConverter: (schema: unknown, { schemaType }: { schemaType: 'input' | 'output' }) => {
      if (!(schema instanceof z.ZodType)) return undefined;
      const {
        $defs,
        $schema: _,
        ...rest
      } = z.toJSONSchema(schema, { target: 'draft-2020-12', io: schemaType, unrepresentable: 'any' });
      return { schema: rest, components: $defs };
    },
  } as never);
  addFailures(document);
  return document;
}

/** What the policy table says of every route: who may call it and how it refuses. */
function addFailures(document: OpenAPIObject): void {
  const { $schema: _, ...schema } = z.toJSONSchema(ProblemView, { target: 'draft-2020-12' });
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: schema as never },
  };
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of methods) {
      const operation = item[method];
      const policy = policyTable[`${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`];
      if (operation && policy) describe(operation, path, policy, method !== 'get');
    }
  }
}

function describe(operation: Operation, path: string, policy: Policy, changes: boolean): void {
  operation.description = `Who may call it: ${tiers[policy.tier]}`;
  if (policy.tier !== 'none') operation.security = [{ bearer: [] }];
  if (changes) operation.parameters = [...(operation.parameters ?? []), idempotencyKey];
  for (const parameter of operation.parameters ?? []) {
    if ('in' in parameter && parameter.in === 'path' && /^(id|workspaceId)$/.test(parameter.name)) {
      parameter.schema = { type: 'string', format: 'uuid' };
    }
  }
  operation.responses = {
    ...operation.responses,
    ...(changes || operation.parameters?.length ? { 400: problem('The request is not what this route takes.') } : {}),
    ...(policy.tier === 'none' ? {} : { 401: problem('The credential is missing or not valid here.') }),
    ...(/\{/.test(path) ? { 404: problem('There is no such thing.') } : {}),
    ...(policy.conflicts ? { 409: problem('The state it is in does not allow that.') } : {}),
    ...(changes ? { 413: problem('The body is larger than this route takes.') } : {}),
    ...(changes ? { 422: problem('The Idempotency-Key was used with another request.') } : {}),
    429: problem('Too many requests.'),
    503: problem('The platform cannot reach its database.'),
  };
}

const tiers: Record<Policy['tier'], string> = {
  none: 'everybody.',
  admin: 'operators (admin token, org token, canvas session).',
  workspace: 'operators, and the workspace itself.',
  peer: 'operators, the workspace itself, and workspaces that may talk to it.',
  own: 'the workspace itself only.',
  credential: 'any valid credential, for what it may see.',
  self: 'decided by what the request itself carries.',
  metrics: 'the metrics token, or operators.',
};
