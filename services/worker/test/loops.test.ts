import { randomBytes, randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { createHostLoops } from '@holdfast/activities/box/host-loops';
import { parseRuntimes } from '@holdfast/activities/box/runtimes';
import { plainBoxSettings } from '@holdfast/activities/box/testing/plain-settings';
import { LiarEngine, liarBackend } from '@holdfast/activities/box/testing/liar';
import { createCipher } from '@holdfast/activities/secret/cipher';
import {
  historyText,
  type TestDatabase,
  quietRuntime,
  testDatabase,
  testTemporal,
  uniqueId,
  waitFor,
  workflowBundle,
} from '@holdfast/infra/testing/index';
import { failures } from '@holdfast/workflows/failure/failures';
import type { RefreshedEverywhere } from '@holdfast/workflows/loop/images';
import type { Sweep } from '@holdfast/workflows/loop/sweep';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { scheduledLoops } from '../src/loops.ts';
import { ensureSchedules } from '../src/schedules.ts';
import { loopWorkers, operationWorkers } from '../src/workers.ts';
import { historyOf } from './support/histories.ts';

const log = pino({ level: 'silent' });
const key = randomBytes(32).toString('base64');
const [owner, host, away] = [uniqueId('owner'), uniqueId('host'), uniqueId('away')];
const queues = { HOLDFAST_QUEUE: uniqueId('operations'), HOLDFAST_LOOPS_QUEUE: uniqueId('loops') };
const A_LONG_TIME = '3600000';
/** Every loop ticks at once, but for those that do so by themselves. */
const often = Object.fromEntries(
  [
    'REALITY_CHECK',
    'OWED_BOXES',
    'PROVISION_TIMEOUT',
    'LIVENESS',
    'REMOTE_LIVENESS',
    'OFFLINE_RESTART',
    'HIBERNATION',
    'HEALTH_SWEEP',
    'RETENTION',
  ].map((name) => [`${name}_INTERVAL_MS`, '1000']),
);
const engine = new LiarEngine();
const backend = liarBackend(engine, owner);
const runtimes = parseRuntimes("fallback: a\nprovisionTimeoutSeconds: 600\nruntimes:\n  a: { image: 'a:1' }\n");

let kit: TestDatabase;
let connection: NativeConnection;
let clientConnection: Connection;
let loops: Client;
let stop: () => Promise<void>;

/** The loops as a worker composes them; its boxes are on a lying engine. */
function compose(environment: Record<string, string>, backends = [backend]) {
  const config = readConfig({
    DATABASE_URL: kit.url,
    SECRETS_ENCRYPTION_KEY: key,
    TEMPORAL_ADDRESS: testTemporal().address,
    HOLDFAST_OWNER: owner,
    HOLDFAST_HOST: host,
    HOLDFAST_WORKFLOW_BUNDLE: 'none',
    ...queues,
    ...often,
    ORPHAN_SWEEP_INTERVAL_MS: A_LONG_TIME,
    IMAGE_WATCH_INTERVAL_MS: A_LONG_TIME,
    ...environment,
  });
  const db = kit.database;
  const poker = { poke: () => Promise.resolve(), pokeTree: () => Promise.resolve() };
  const hostLoops =
    backends.length === 0
      ? undefined
      : createHostLoops({
          db,
          cipher: createCipher(key),
          backends,
          owner,
          host,
          log,
          settings: { ...plainBoxSettings, runtimes },
          poker,
        });
  return scheduledLoops({
    config,
    db,
    client: new Client({ connection: clientConnection, namespace: testTemporal().namespaces.operations }),
    poker,
    log,
    deadlineMs: () => 600_000,
    hostLoops,
    finishOwed: () => Promise.resolve({ gone: 0, owed: 0 }),
    observe: () => Promise.resolve(),
  });
}

beforeAll(async () => {
  await quietRuntime();
  kit = await testDatabase();
  const { address, namespaces } = testTemporal();
  connection = await NativeConnection.connect({ address });
  clientConnection = await Connection.connect({ address });
  loops = new Client({ connection: clientConnection, namespace: namespaces.loops });
  await kit.database.backend.createMany({ data: [host, away].map((name) => ({ host: name, kind: 'docker' })) });
  const scheduled = compose({ IMAGE_AUTO_REFRESH: 'TRUE' });
  const tasks = { connection, bundle: { codePath: await workflowBundle() }, host };
  const ofOperations = { ...tasks, namespace: namespaces.operations, queue: queues.HOLDFAST_QUEUE };
  const ofLoops = { ...tasks, namespace: namespaces.loops, queue: queues.HOLDFAST_LOOPS_QUEUE };
  const nothing = {} as never;
  const boxes = { prepareBox: () => Promise.resolve() } as never;
  const workers = [
    ...(await operationWorkers(ofOperations, { operations: nothing, trees: nothing, boxes })),
    ...(await loopWorkers(ofLoops, scheduled)),
  ];
  const runs = workers.map((worker) => worker.run());
  await ensureSchedules(loops, scheduled, queues.HOLDFAST_LOOPS_QUEUE);
  stop = async () => {
    for (const { id } of scheduled.schedules)
      await loops.schedule
        .getHandle(id)
        .delete()
        .catch(() => undefined);
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await Promise.all(runs);
  };
});
afterAll(async () => {
  await stop();
  await connection.close();
  await clientConnection.close();
  await kit.dispose();
});

const start = (type: string, order: object) =>
  loops.workflow.start(type, {
    workflowId: uniqueId(type),
    taskQueue: queues.HOLDFAST_LOOPS_QUEUE,
    args: [order],
    workflowTaskTimeout: '2s',
  });
const run = async <T>(type: string, order: object): Promise<T> => (await (await start(type, order)).result()) as T;

/** A box that is there and on no ledger. */
async function stray(): Promise<string> {
  const boxId = randomUUID();
  const config = { files: [], overwrite: true };
  const spec = {
    boxId,
    workspaceId: randomUUID(),
    born: new Date(),
    runtime: 'a',
    image: 'a:1',
    tier: 2,
    platform: { platformUrl: 'http://p' },
    env: {},
    config,
    credentials: { token: 't', inboundSecret: 's' },
    workspaceDir: null,
    workspaceAccess: 'none',
    resetSession: false,
  } as const;
  await backend.start(spec, new AbortController().signal);
  return boxId;
}

test(
  'incident 29: every loop ticks, under the name that people look for, and says what it did',
  { timeout: 180_000 },
  async () => {
    const expected = {
      'reality-check': { lost: 0 },
      'provision-timeout-sweep': { failedLate: 0, failed: 0 },
      'liveness-monitor': { offline: 0, awaitingAgent: 0, failed: 0 },
      'remote-liveness': { awaitingAgent: 0, failed: 0 },
      'offline-restarts': { restarted: 0, failed: 0 },
      'hibernation-monitor': { hibernated: 0, resumed: 0, failed: 0 },
      retention: { events: 0, keys: 0 },
      [`owed-boxes:${host}`]: { gone: 0, owed: 0 },
      [`health-sweep:${host}`]: { checked: 0, dead: 0, cannotTell: 0, failed: 0 },
      [`orphan-sweeper:${host}`]: { fleet: 0, orphans: 0, done: 0, stopped: false, why: [], failed: [] },
      [`image-auto-refresh:${host}`]: { watched: 0, refreshed: 0, failed: 0 },
    };
    await waitFor(async () => (await kit.database.loop.count()) === Object.keys(expected).length, {
      timeoutMs: 150_000,
      what: 'a tick of every loop',
    });
    const rows = await kit.database.loop.findMany();
    expect(Object.fromEntries(rows.map(({ name, detail }) => [name, detail]))).toEqual(expected);
  },
);

test('a loop goes on after a tick that failed', { timeout: 180_000 }, async () => {
  const name = `health-sweep:${host}`;
  await kit.database.$executeRaw`ALTER TABLE boxes RENAME TO boxes_away`;
  const broken = (await kit.database.loop.findUniqueOrThrow({ where: { name } })).lastTickAt;
  const ticks = async () => {
    const { info } = await loops.schedule.getHandle(`${owner}:${name}`).describe();
    return info.recentActions.filter(({ takenAt }) => takenAt > broken).length;
  };
  await waitFor(async () => (await ticks()) >= 2, { timeoutMs: 75_000, what: 'two ticks without their table' });
  await kit.database.$executeRaw`ALTER TABLE boxes_away RENAME TO boxes`;
  await waitFor(async () => (await kit.database.loop.findUniqueOrThrow({ where: { name } })).lastTickAt > broken, {
    timeoutMs: 75_000,
  });
});

test.each([
  ['boxes', 'checkHealth'],
  ['boxes', 'sweepBoxes'],
  ['backends', 'sweepBoxes'],
])('without %s %s fails, and its history tells no more of it than a sentence', async (table, type) => {
  await kit.database.$executeRawUnsafe(`ALTER TABLE ${table} RENAME TO away`);
  try {
    const handle = await start(type, { host, dryRun: true, force: false });
    await handle.result().catch(() => undefined);
    const history = historyText(await historyOf(loops, handle.workflowId, handle.firstExecutionRunId));
    expect(history).toContain(failures.INTERNAL.says);
    expect(history).not.toMatch(/does not exist|42P01|prisma|queryRaw/i);
  } finally {
    await kit.database.$executeRawUnsafe(`ALTER TABLE away RENAME TO ${table}`);
  }
});

test('a sweep by hand asks every host, reports the one that is away, and touches nothing on a dry run', async () => {
  const boxId = await stray();
  const dry = await run<Sweep>('sweepBoxes', { dryRun: true, force: false });
  expect(dry).toMatchObject({ dryRun: true, stopped: false, findings: [{ host, kind: 'box', boxId, done: false }] });
  expect(
    dry.hosts
      .map(({ host: name, away: isAway, orphans, done }) => ({ name, isAway, orphans, done }))
      .sort((a, b) => a.name.localeCompare(b.name)),
  ).toEqual([
    { name: away, isAway: true, orphans: 0, done: 0 },
    { name: host, isAway: false, orphans: 1, done: 0 },
  ]);
  expect(engine.children.size).toBe(1);
  expect(await run<Sweep>('sweepBoxes', { dryRun: false, force: false })).toMatchObject({
    findings: [{ boxId, done: true }],
  });
  expect(engine.children.size).toBe(0);
});

test('a refresh by hand asks every host with an engine, and reports the one that is away', async () => {
  const refreshed = await run<RefreshedEverywhere>('refreshImages', { recreate: true, actor: 'test' });
  expect(refreshed).toEqual({ pulled: [], failed: [], recreated: [], away: [away] });
});

test('what a host has no use for any more is not scheduled any more', async () => {
  const isScheduled = (name: string) =>
    loops.schedule
      .getHandle(`${owner}:${name}:${host}`)
      .describe()
      .then(
        () => true,
        () => false,
      );
  const names = ['owed-boxes', 'health-sweep', 'orphan-sweeper', 'image-auto-refresh'];
  const scheduled = () => Promise.all(names.map(isScheduled));
  expect(await scheduled()).toEqual([true, true, true, true]);
  await ensureSchedules(loops, compose({ IMAGE_AUTO_REFRESH: 'off' }), queues.HOLDFAST_LOOPS_QUEUE);
  await waitFor(async () => !(await isScheduled('image-auto-refresh')));
  expect(await scheduled()).toEqual([true, true, true, false]);
  await ensureSchedules(loops, compose({}, []), queues.HOLDFAST_LOOPS_QUEUE);
  await waitFor(async () => !(await isScheduled('orphan-sweeper')));
  expect(await scheduled()).toEqual([true, false, false, false]);
});
