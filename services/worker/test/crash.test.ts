import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCipher } from '@holdfast/activities/secret/cipher';
import {
  type TestDatabase,
  testDatabase,
  testTemporal,
  uniqueId,
  waitFor,
  workflowBundle,
} from '@holdfast/infra/testing/index';
import { workflowId } from '@holdfast/workflows/operation/operation';
import { type StepCall, stepCalls, stepRegistry } from '@holdfast/workflows/operation/step-registry';
import { startAgents } from './support/agents.ts';
import { openClient, recordsOf } from './support/compose.ts';
import { allCases, type CrashCase, fixedCases, stories, uncovered } from './support/crash-cases.ts';
import { Faults } from './support/faults.ts';
import { folderBoxes } from './support/folder-boxes.ts';
import { Folder } from './support/folder-backend.ts';
import { ended, givenWorkspace, whenDeleted } from './support/given.ts';
import { ownNames } from './support/rig.ts';
import { startWorkerProcesses, type WorkerProcesses } from './support/worker-processes.ts';
import { eventsOf } from './support/world.ts';

const cases = process.env['HOLDFAST_CRASH_MATRIX'] === 'full' ? allCases : fixedCases;
const directory = mkdtempSync(path.join(os.tmpdir(), 'holdfast-crash-'));
const folder = new Folder(directory);
const faults = new Faults(directory);
const encryptionKey = randomBytes(32).toString('base64');
const cipher = createCipher(encryptionKey);
const host = uniqueId('host');

let kit: TestDatabase;
let temporal: Awaited<ReturnType<typeof openClient>>;
let workers: WorkerProcesses;
let agents: AsyncDisposable;
const mute = new Set<string>();

beforeAll(async () => {
  kit = await testDatabase();
  const names = ownNames();
  temporal = await openClient(testTemporal().address, kit.database, names);
  await kit.database.backend.create({ data: { host, kind: 'process' } });
  workers = await startWorkerProcesses(2, {
    databaseUrl: kit.url,
    temporalAddress: testTemporal().address,
    bundle: await workflowBundle(),
    names,
    host,
    directory,
    encryptionKey,
    durations: { deadlineMs: 60_000, settleMs: 6_000, startMs: 60_000 },
  });
  const { poker } = temporal;
  agents = startAgents({ db: kit.database, cipher, folder, poker, mute: ({ workspaceId }) => mute.has(workspaceId) });
}, 120_000);
afterAll(async () => {
  await agents?.[Symbol.asyncDispose]();
  await workers?.[Symbol.asyncDispose]();
  await temporal?.close();
  await kit?.dispose();
  rmSync(directory, { recursive: true, force: true });
}, 60_000);

describe('the registry', () => {
  test('has a row for every function of the ports, each under a name of its own', () => {
    const records = recordsOf(kit.database, cipher, { deadlineMs: 0, settleMs: 0, startMs: 0 });
    const { port } = folderBoxes({ db: kit.database, cipher, host, folder });
    expect([...Object.keys(records), ...Object.keys(port)].sort()).toEqual([...stepCalls].sort());
    for (const call of Object.keys(port)) expect(stepRegistry[call as StepCall].acts).toBe('box');
    expect(new Set(stepCalls.map((call) => stepRegistry[call].step)).size).toBe(stepCalls.length);
  });
});

describe('the cases', () => {
  test('cover every step of the registry, for every verb that takes it', () => {
    expect(uncovered(allCases)).toEqual([]);
  });

  test('of every run hold each step at least once, at the kill after its commit', () => {
    const killed = new Set(fixedCases.filter(({ point }) => point === 'killedAfterCommit').map(({ call }) => call));
    expect([...killed].sort()).toEqual([...stepCalls].sort());
  });

  test('tell of each story whole steps: none is named that its verb does not take', () => {
    for (const { steps } of stories) for (const call of steps) expect(stepCalls).toContain(call);
  });
});

const titleOf = ({ story, call, point }: CrashCase): string => `${story.name}, ${call}: ${point}`;

describe.concurrent('whatever goes wrong once, the operation ends, the row is settled and the ledger is what is there', () => {
  test.for(cases.map((each) => [titleOf(each), each] as const))(
    '%s',
    { timeout: 240_000 },
    async ([, each], { expect: check }) => {
      const { story, call, point } = each;
      const { id, operationId } = await givenWorkspace(kit.database, { secrets: { KEY: 'value' } }, cipher);
      if (story.muteAgent) mute.add(id);
      if (story.refusedStart) folder.refuse(id);
      const fails = () => {
        if (call !== 'poke' && point !== 'clientGone') faults.plan(id, { call, point });
      };
      const poke = () => (point === 'clientGone' ? Promise.resolve() : temporal.poker.poke(id));
      let last = operationId;
      if (story.kind === 'provision') {
        if (story.hostAway) await oldBox(id);
        fails();
        await poke();
      } else {
        await temporal.poker.poke(id);
        if (story.muteAgent)
          await waitFor(() => isWaiting(operationId), { timeoutMs: 60_000, what: 'the wait for the agent' });
        else check(await ended(kit.database, operationId, 120_000)).toBe('succeeded');
        if (story.hostAway) await moveBoxes(id, 'away');
        fails();
        last = await whenDeleted(kit.database, id, story.purge ?? false);
        await poke();
      }
      check(await ended(kit.database, last, 120_000)).toBe(story.state);
      if (point !== 'clientGone') await waitFor(() => faults.hasHappened(id), { what: 'the planned fault' });
      if (story.hostAway) await moveBoxes(id, host);
      await settled(id, story.boxes);
      const row = await kit.database.workspace.findUnique({ where: { id } });
      check(row?.status ?? null).toBe(story.status);
      check(row?.operationId ?? null).toBeNull();
      check(row?.boxId ?? null).toBe(
        story.boxes === 1 ? folder.boxes().find(({ workspaceId }) => workspaceId === id)?.boxId : null,
      );
      check(await eventsOf({ db: kit.database }, id)).toEqual(story.events);
      await runIsOver(id);
    },
  );
});

const moveBoxes = (workspaceId: string, to: string) =>
  kit.database.box.updateMany({ where: { workspaceId }, data: { host: to } });

/** A box that an earlier operation could not stop, on the host that is away. */
async function oldBox(workspaceId: string): Promise<void> {
  const boxId = randomUUID();
  const past = { operationId: randomUUID(), cycle: 1, owner: 'test-owner', backend: 'process', state: 'owed' as const };
  await kit.database.box.create({ data: { id: boxId, workspaceId, host: 'away', ...past } });
  folder.put({ boxId, workspaceId, born: 0, token: '' });
}

const isWaiting = async (id: string): Promise<boolean> => {
  const steps = await kit.database.operationStep.findMany({ where: { operationId: id, step: 'start', state: 'done' } });
  return steps.length === 1;
};

/** The sweeper of the workers pays what is owed; then the ledger, the boxes there are and the wish agree. */
async function settled(workspaceId: string, wanted: number): Promise<void> {
  await waitFor(
    async () => {
      const rows = await kit.database.box.findMany({ where: { workspaceId, state: { not: 'gone' } } });
      const real = folder.boxes().filter((box) => box.workspaceId === workspaceId);
      return (
        rows.length === wanted &&
        real.length === wanted &&
        rows.every((row) => row.id === real[0]?.boxId && row.state === 'running')
      );
    },
    { timeoutMs: 60_000, everyMs: 100, what: `the ledger of ${workspaceId} to be what is there` },
  );
}

/** Nothing goes on under the workspace's id, and how its last run closed is what the rows say. */
async function runIsOver(workspaceId: string): Promise<void> {
  const handle = temporal.client.workflow.getHandle(workflowId(workspaceId));
  await handle.result().catch(() => undefined);
  const { status, runId } = await handle.describe();
  const operations = await kit.database.operation.findMany({ where: { workspaceId } });
  const last = operations.find((operation) => operation.runId === runId);
  expect(status.name).toBe(last?.state === 'failed' ? 'FAILED' : 'COMPLETED');
  expect(operations.every(({ state }) => state !== 'accepted' && state !== 'running')).toBe(true);
}
