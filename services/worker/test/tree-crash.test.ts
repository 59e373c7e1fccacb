import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCipher } from '@holdfast/activities/secret/cipher';
import {
  type TestDatabase,
  testDatabase,
  testTemporal,
  uniqueId,
  waitFor,
  workflowBundle,
} from '@holdfast/infra/testing/index';
import type { StepCall } from '@holdfast/workflows/operation/step-registry';
import { startAgents } from './support/agents.ts';
import { openClient } from './support/compose.ts';
import { Faults } from './support/faults.ts';
import { Folder } from './support/folder-backend.ts';
import { whenTreeDeleted } from './support/given.ts';
import { onlineTree, outcomesOf, whenPaused } from './support/given-tree.ts';
import { ownNames } from './support/rig.ts';
import { startWorkerProcesses, type WorkerProcesses } from './support/worker-processes.ts';

const directory = mkdtempSync(path.join(os.tmpdir(), 'holdfast-tree-'));
const folder = new Folder(directory);
const faults = new Faults(directory);
const encryptionKey = randomBytes(32).toString('base64');
const cipher = createCipher(encryptionKey);

let kit: TestDatabase;
let temporal: Awaited<ReturnType<typeof openClient>>;
let workers: WorkerProcesses;
let agents: AsyncDisposable;

beforeAll(async () => {
  kit = await testDatabase();
  const host = uniqueId('host');
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
    durations: { deadlineMs: 120_000, settleMs: 8_000, startMs: 120_000 },
  });
  agents = startAgents({ db: kit.database, cipher, folder, poker: temporal.poker });
}, 120_000);
afterAll(async () => {
  await agents?.[Symbol.asyncDispose]();
  await workers?.[Symbol.asyncDispose]();
  await temporal?.close();
  await kit?.dispose();
  rmSync(directory, { recursive: true, force: true });
}, 60_000);

const shape = { root: { left: { leaf: {} }, right: {} } };
const given = async (): Promise<Map<string, string>> =>
  onlineTree({ rig: { db: kit.database, poker: temporal.poker } }, shape, cipher);
const boxesOf = (ids: Map<string, string>) => {
  const among = new Set(ids.values());
  return folder.boxes().filter(({ workspaceId }) => among.has(workspaceId));
};

/** A worker dies after the commit of this step, for the first of these workspaces that comes to it. */
function killAt(call: StepCall, ids: Iterable<string>): void {
  for (const id of ids) faults.plan(id, { call, point: 'killedAfterCommit' });
}
const died = (ids: Iterable<string>) =>
  waitFor(() => [...ids].some((id) => faults.hasHappened(id)), { what: 'the death of a worker' });

test.each(['beginSettle', 'finishOperation'] as const)(
  'a worker killed after %s of a pause in a tree costs time and nothing else',
  { timeout: 300_000 },
  async (call) => {
    const ids = await given();
    killAt(call, [ids.get('left')!]);
    const paused = await whenPaused(kit.database, ids.get('root')!);
    await temporal.poker.pokeTree(ids.get('root')!);
    expect(new Set(await outcomesOf(kit.database, paused))).toEqual(new Set(['succeeded']));
    await died([ids.get('left')!]);
    expect(boxesOf(ids)).toEqual([]);
    const where = { id: { in: [...ids.values()] }, status: 'paused' as const };
    expect(await kit.database.workspace.count({ where })).toBe(4);
  },
);

test.each(['planErase', 'eraseWorkspace'] as const)(
  'a worker killed after %s of a member leaves no row of a purged tree and no box',
  { timeout: 300_000 },
  async (call) => {
    const ids = await given();
    // The erase is the last member's, whichever that is: it may be one of these.
    killAt(call, [ids.get('root')!, ids.get('leaf')!]);
    const purged = await whenTreeDeleted(kit.database, ids.get('root')!, true);
    await temporal.poker.pokeTree(ids.get('root')!);
    expect(new Set(await outcomesOf(kit.database, purged))).toEqual(new Set(['succeeded']));
    await died(ids.values());
    expect(await kit.database.workspace.count({ where: { id: { in: [...ids.values()] } } })).toBe(0);
    expect(boxesOf(ids)).toEqual([]);
    expect([...ids.values()].filter((id) => folder.hasVolume(id))).toEqual([]);
  },
);
