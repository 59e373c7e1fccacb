import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { askedSeed } from '@holdfast/infra/testing/index';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bodyOf, valueOf } from './support/arbitrary.ts';
import { addWorkspaceToken, adminToken, type TestGateway, testGateway } from './support/gateway.ts';
import { fingerprint } from './support/fingerprint.ts';
import { addBackend, addRunning } from './support/given.ts';
import { addOperationOf } from './support/operation.ts';
import type { OpenApi, OpenApiOperation } from './support/openapi.ts';

const RUNS = 40;

const document = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../../docs/openapi.json', import.meta.url)), 'utf8'),
) as OpenApi;
const { schemas } = document.components;
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(
    ([method, operation]) => [operation.operationId, method.toUpperCase(), path, operation] as const,
  ),
);

let gateway: TestGateway;
let known: { id: string; token: string; operationId: string };
beforeAll(async () => {
  const swept = {
    dryRun: false,
    stopped: false,
    hosts: [],
    findings: [],
    pulled: [],
    failed: [],
    recreated: [],
    away: [],
  };
  gateway = await testGateway({ settings: { answerWaitMs: 0 }, loops: { run: () => Promise.resolve(swept) } });
  await addBackend(gateway.db, 'docker');
});
beforeEach(async () => {
  const { id } = await addRunning(gateway.db);
  await addRunning(gateway.db, { parentId: id });
  const { operationId } = await addOperationOf(gateway.db);
  known = { id, token: await addWorkspaceToken(gateway.db, id), operationId };
});
afterAll(() => gateway.close());

/** What a request sends; ids are now and then those of something that is there. */
function requestOf(path: string, operation: OpenApiOperation) {
  const placed = (place: string) => (operation.parameters ?? []).filter((parameter) => parameter.in === place);
  const text = (value: unknown) =>
    encodeURIComponent(
      (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).toWellFormed().slice(0, 2_000),
    );
  const params = fc.record(
    Object.fromEntries(
      placed('path').map(({ name, schema }) => [
        name,
        fc.oneof({ weight: 2, arbitrary: fc.constant('KNOWN') }, { weight: 1, arbitrary: valueOf(schema, schemas) }),
      ]),
    ),
  );
  const query = fc.record(
    Object.fromEntries(placed('query').map(({ name, schema }) => [name, valueOf(schema, schemas)])),
    { requiredKeys: [] },
  );
  const content = operation.requestBody && Object.values(operation.requestBody.content)[0];
  return fc.record({
    url: fc.tuple(params, query).map(([values, search]) => {
      const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
        values[name] === 'KNOWN'
          ? path.startsWith('/operations')
            ? known.operationId
            : known.id
          : text(values[name]) || '%20',
      );
      const pairs = Object.entries(search).map(([name, value]) => `${name}=${text(value)}`);
      return pairs.length ? `${filled}?${pairs.join('&')}` : filled;
    }),
    body: content ? bodyOf(content.schema, schemas) : fc.constant(undefined),
    who: fc.constantFrom('admin', 'admin', 'workspace', 'nobody'),
    key: fc.option(fc.constantFrom('key-1', 'key-2', ''), { nil: undefined, freq: 4 }),
  });
}

/** Without a control plane there is no console, whoever asks for it. */
const isMeant = (path: string, status: number): boolean =>
  status < 500 || (status === 501 && path === '/workspaces/{id}/console');

describe('answers whatever comes without a 5xx, and a refusal changes nothing:', () => {
  test.each(operations)(
    '%s',
    async (_id, method, path, operation) => {
      const property = fc.asyncProperty(requestOf(path, operation), async ({ url, body, who, key }) => {
        const before = await fingerprint(gateway.db);
        const answer = await gateway.server.inject({
          method: method as 'GET',
          url,
          headers: {
            'content-type': 'application/json',
            ...(who === 'nobody' ? {} : { authorization: `Bearer ${who === 'admin' ? adminToken : known.token}` }),
            ...(key === undefined ? {} : { 'idempotency-key': key }),
          },
          ...(body === undefined ? {} : { payload: body }),
          payloadAsStream: true,
        });
        answer.stream().destroy();
        expect([url, body?.slice(0, 500), isMeant(path, answer.statusCode)]).toEqual([url, body?.slice(0, 500), true]);
        if (answer.statusCode >= 400)
          expect([url, body?.slice(0, 500), await fingerprint(gateway.db)]).toEqual([url, body?.slice(0, 500), before]);
      });
      await fc.assert(property, { numRuns: RUNS, endOnFailure: false, ...askedSeed });
    },
    120_000,
  );
});
