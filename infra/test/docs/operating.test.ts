import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { workflowId, workflowTypes } from '@holdfast/workflows/operation/operation';
import { searchAttributesOf } from '@holdfast/workflows/operation/search-attributes';
import { treeAttributesOf, treeTypes, treeWorkflowId } from '@holdfast/workflows/operation/tree-input';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { savedQueries } from '../../src/docs/saved-queries.ts';
import { quietRuntime, testTemporal, uniqueId, waitFor } from '../../src/testing/index.ts';
import type { Story } from './told-workflow.ts';

const orgId = uniqueId('org');
const taskQueue = uniqueId('operating');
/** Workspaces, by the names the tests use for them. */
const ids = new Map<string, string>(
  ['ada', 'bob', 'cid', 'dan', 'eve', 'fay', 'gus'].map((name) => [name, randomUUID()]),
);
const idOf = (name: string): string => ids.get(name) ?? '';

let client: Client;
let native: NativeConnection;
let worker: Worker;
let working: Promise<void>;
/** What the tests take for midnight, and for ten minutes ago. */
let then = '';

type Attributes = ReturnType<typeof searchAttributesOf>;
type Told = Omit<Story, 'orgId' | 'workspaceId' | 'provider' | 'next'> & { provider?: string; next?: Told };

const storyOf = (name: string, { provider = 'docker', next, ...told }: Told): Story => ({
  ...told,
  orgId,
  workspaceId: idOf(name),
  provider,
  ...(next ? { next: storyOf(name, next) } : {}),
});

const start = (type: string, id: string, attributes: Attributes, story: Story) =>
  client.workflow.start(type, {
    workflowId: id,
    taskQueue,
    args: [story],
    typedSearchAttributes: attributes,
    workflowTaskTimeout: '2s',
  });

/** An execution as the product starts one for an operation. */
const carriedOut = (name: string, told: Told) => {
  const story = storyOf(name, told);
  return start(workflowTypes[story.kind], workflowId(story.workspaceId), searchAttributesOf(story), story);
};

/** And as it starts one for a request over a tree. */
const watchedOver = (name: string, type: keyof typeof treeTypes, told: Omit<Told, 'kind'>) => {
  const input = { rootId: idOf(name), orgId, type: treeTypes[type], requests: [] };
  const story = storyOf(name, { ...told, kind: 'pause' });
  return start(treeTypes[type], treeWorkflowId(input.rootId), treeAttributesOf(input), story);
};

const closed = (run: Promise<{ result(): Promise<unknown> }>): Promise<unknown> =>
  run.then((handle) => handle.result()).catch(() => undefined);

/** What a query finds among the executions of this test, each as "type of workspace". */
async function found(query: string): Promise<string[]> {
  const names = new Map([...ids].map(([name, id]) => [id, name]));
  const lines: string[] = [];
  for await (const { type, workflowId: id } of client.workflow.list({ query: `OrgId = "${orgId}" AND (${query})` }))
    lines.push(`${type} of ${names.get(id.replace(/^(ws|tree):/, ''))}`);
  return lines.sort();
}

beforeAll(async () => {
  await quietRuntime();
  const { address, namespaces } = testTemporal();
  client = new Client({ connection: await Connection.connect({ address }), namespace: namespaces.operations });
  native = await NativeConnection.connect({ address });
  worker = await Worker.create({
    connection: native,
    namespace: namespaces.operations,
    taskQueue,
    workflowsPath: fileURLToPath(new URL('./told-workflow.ts', import.meta.url)),
  });
  working = worker.run();

  await closed(carriedOut('ada', { kind: 'provision', provider: 'unplaced', outcome: 'failed' }));
  await carriedOut('bob', { kind: 'hibernate' });
  then = new Date().toISOString();
  await closed(carriedOut('ada', { kind: 'restart', outcome: 'failed' }));
  await closed(carriedOut('ada', { kind: 'pause', outcome: 'succeeded' }));
  // One that failed and handed over: its status is "continued as new".
  await closed(carriedOut('cid', { kind: 'wake', outcome: 'failed', next: { kind: 'delete', outcome: 'succeeded' } }));
  await closed(carriedOut('cid', { kind: 'switch', provider: 'aws', outcome: 'compensated' }));
  await closed(carriedOut('dan', { kind: 'resume', outcome: 'cancelled' }));
  await carriedOut('dan', {
    kind: 'restart',
    outcome: 'coalesced',
    next: { kind: 'pause', outcome: 'superseded', next: { kind: 'delete' } },
  });
  await closed(watchedOver('eve', 'pause', { outcome: 'failed' }));
  await watchedOver('eve', 'delete', {});
  await carriedOut('eve', { kind: 'pause', provider: 'process' });
  await (await carriedOut('fay', { kind: 'provision', provider: 'unplaced' })).terminate('by hand');
  await carriedOut('gus', { kind: 'restart', provider: 'process', outcome: 'compensating' });
  // The list lags behind what happened.
  const counts = { 'Outcome IS NOT NULL': 11, 'ExecutionStatus = "Running"': 5, 'ExecutionStatus = "Terminated"': 1 };
  for (const [query, count] of Object.entries(counts))
    await waitFor(async () => (await found(query)).length === count, {
      timeoutMs: 30_000,
      what: `${count} of ${query}`,
    });
}, 120_000);

afterAll(async () => {
  for await (const { workflowId: id } of client.workflow.list({
    query: `OrgId = "${orgId}" AND ExecutionStatus = "Running"`,
  }))
    await client.workflow.getHandle(id).terminate();
  worker?.shutdown();
  await working;
  await native?.close();
  await client.connection.close();
}, 60_000);

/** What each query of the page is to find, by its name there. */
const expected: Readonly<Record<string, readonly string[]>> = {
  'Failed today': ['restartWorkspace of ada', 'wakeWorkspace of cid'],
  Compensated: ['switchProvider of cid'],
  Compensating: ['restartWorkspace of gus'],
  'At work on a box now': [
    'deleteWorkspace of dan',
    'hibernateWorkspace of bob',
    'pauseWorkspace of eve',
    'restartWorkspace of gus',
  ],
  'Older than its limit': ['hibernateWorkspace of bob'],
  'By provider': [
    'deleteWorkspace of cid',
    'deleteWorkspace of dan',
    'hibernateWorkspace of bob',
    'pauseWorkspace of ada',
    'pauseWorkspace of dan',
    'restartWorkspace of ada',
    'restartWorkspace of dan',
    'resumeWorkspace of dan',
    'wakeWorkspace of cid',
  ],
  'Of one workspace': ['pauseWorkspace of ada', 'provisionWorkspace of ada', 'restartWorkspace of ada'],
  'Of one tree': ['deleteTree of eve', 'hibernateWorkspace of bob', 'pauseTree of eve', 'pauseWorkspace of eve'],
  'Trees with a member that failed': ['pauseTree of eve'],
  'Given up for another request': ['pauseWorkspace of dan', 'restartWorkspace of dan', 'resumeWorkspace of dan'],
  'Ended by hand': ['provisionWorkspace of fay'],
};
/** What an operator puts in for the words in capitals. */
const filled = (query: string): string =>
  query
    .replace(/MIDNIGHT|TEN-MINUTES-AGO/g, then)
    .replaceAll('WORKSPACE', idOf('ada'))
    .replaceAll('ROOT', idOf('eve'))
    .replaceAll('MEMBER', idOf('bob'));

const saved = savedQueries();

test('every saved query of the page is tried', () => {
  expect(saved.map(({ name }) => name)).toEqual(Object.keys(expected));
});

test.each(saved)('"$name" finds exactly what it is for', async ({ name, query }) => {
  expect(filled(query)).not.toMatch(/"[A-Z-]+"/);
  expect(await found(filled(query))).toEqual(expected[name]);
});
