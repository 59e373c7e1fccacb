import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, type Worker } from '@temporalio/worker';
import { checkReality } from '@holdfast/activities/operation/reality-check';
import { dispatch } from '@holdfast/activities/operation/dispatcher';
import { operationRecords } from '@holdfast/activities/operation/operation-records';
import { createPoker, type Poker } from '@holdfast/activities/operation/poke';
import { createCipher } from '@holdfast/activities/secret/cipher';
import { testDatabase, testTemporal, uniqueId, workflowBundle } from '@holdfast/infra/testing/index';
import { type Database, openDatabase } from '@holdfast/prisma';
import type { BoxPort } from '@holdfast/workflows/box/ports';
import type { OperationPort } from '@holdfast/workflows/operation/ports';
import { createWorkers } from '../../src/workers.ts';

export const cipher = createCipher(randomBytes(32).toString('base64'));

let installed = false;
function quietRuntime(): void {
  if (installed) return;
  installed = true;
  Runtime.install({ logger: new DefaultLogger('ERROR') });
}

/** The boxes of one host. */
export interface HostBoxes {
  readonly port: BoxPort;
  /** Tries again to stop what the host owes. */
  finishOwed(): Promise<unknown>;
}

export interface RigOptions {
  /** What touches boxes; made anew for every host when it is a function. */
  boxes: BoxPort | ((parts: { db: Database; host: string }) => HostBoxes);
  /** Wraps the rows, to make them fail where a test wants it. */
  rows?: (records: OperationPort, rig: () => Rig) => OperationPort;
  /** How many hosts there are, each with a worker of its own; all of them serve the operations. */
  hosts?: number;
  deadlineMs?: number;
  settleMs?: number;
  startMs?: number;
  /** A host row without a worker behind it is "away". */
  served?: boolean;
  /** Servers of the test's own, instead of those of the run. */
  servers?: { databaseUrl: string; temporalAddress: string };
}

/** Workers on real Postgres and real Temporal. */
export interface Rig extends AsyncDisposable {
  readonly db: Database;
  readonly client: Client;
  readonly poker: Poker;
  readonly host: string;
  readonly hosts: readonly string[];
  dispatch(): Promise<unknown>;
  checkReality(): Promise<string[]>;
  finishOwed(): Promise<void>;
  stop(): Promise<void>;
}

export async function startRig(options: RigOptions): Promise<Rig> {
  quietRuntime();
  const { namespaces } = testTemporal();
  const address = options.servers?.temporalAddress ?? testTemporal().address;
  const { db, dispose } = await databaseOf(options);
  const names = {
    namespace: namespaces.operations,
    loopsNamespace: namespaces.loops,
    queue: uniqueId('operations'),
    loopsQueue: uniqueId('loops'),
  };
  const hosts = Array.from({ length: options.hosts ?? 1 }, () => uniqueId('host'));
  for (const host of (options.served ?? true) ? hosts : [])
    await db.backend.create({ data: { host, kind: 'process' } });
  // A connection each: one takes no two workers of a kind for a queue.
  const connections = await Promise.all(hosts.map(() => NativeConnection.connect({ address })));
  const clientConnection = await Connection.connect({ address });
  const client = new Client({ connection: clientConnection, namespace: names.namespace });
  const poker = createPoker(() => Promise.resolve(client), db, {
    taskQueue: names.queue,
    workflowTaskTimeoutMs: 2_000,
  });
  const records = operationRecords({
    db,
    cipher,
    owner: 'test-owner',
    settings: {
      gatherMs: 10,
      settleMs: options.settleMs ?? 2_000,
      startMs: options.startMs ?? 20_000,
      heartbeatMs: 2_000,
    },
    deadlineMs: () => options.deadlineMs ?? 20_000,
  });
  const operations = options.rows?.(records, () => rig) ?? records;
  const reality = () => checkReality(db, client, poker);
  const boxesOf = (host: string): HostBoxes =>
    typeof options.boxes === 'function' ? options.boxes({ db, host }) : scripted(options.boxes);
  const perHost = hosts.map((host, place) => ({ host, boxes: boxesOf(host), connection: connections[place]! }));
  const workers = await Promise.all(
    perHost.map(async ({ host, boxes, connection }) =>
      createWorkers({
        connection,
        bundle: { codePath: await workflowBundle() },
        names: { ...names, host },
        operations,
        boxes: boxes.port,
        loops: { checkReality: async () => ({ lost: (await reality()).length }) },
        hostLoops: { finishOwedBoxes: () => Promise.resolve({ gone: 0, owed: 0 }) },
      }),
    ),
  );
  const runs = workers.flat().map((worker: Worker) => worker.run());
  const stop = async () => {
    for (const worker of workers.flat()) worker.shutdown();
    await Promise.all(runs);
    for (const connection of connections) await connection.close();
    await clientConnection.close();
    await dispose();
  };
  const rig: Rig = {
    db,
    client,
    poker,
    host: hosts[0]!,
    hosts,
    dispatch: () => dispatch(db, poker),
    checkReality: reality,
    finishOwed: async () => void (await Promise.all(perHost.map(({ boxes }) => boxes.finishOwed()))),
    stop,
    [Symbol.asyncDispose]: stop,
  };
  return rig;
}

const scripted = (port: BoxPort): HostBoxes => ({ port, finishOwed: () => Promise.resolve() });

async function databaseOf({ servers }: RigOptions): Promise<{ db: Database; dispose(): Promise<void> }> {
  if (!servers) {
    const { database: db, dispose } = await testDatabase();
    return { db, dispose };
  }
  const db = openDatabase(servers.databaseUrl, { connections: 10 });
  return { db, dispose: () => db.$disconnect() };
}
