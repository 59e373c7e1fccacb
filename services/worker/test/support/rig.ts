import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, type Worker } from '@temporalio/worker';
import { checkReality } from '@holdfast/activities/operation/reality-check';
import { dispatch } from '@holdfast/activities/operation/dispatcher';
import { operationRecords } from '@holdfast/activities/operation/operation-records';
import { createPoker, type Poker } from '@holdfast/activities/operation/poke';
import { createCipher } from '@holdfast/activities/secret/cipher';
import { testDatabase, testTemporal, uniqueId, workflowBundle } from '@holdfast/infra/testing/index';
import type { Database } from '@holdfast/prisma';
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

export interface RigOptions {
  boxes: BoxPort;
  /** Wraps the rows, to make them fail where a test wants it. */
  rows?: (records: OperationPort) => OperationPort;
  deadlineMs?: number;
  settleMs?: number;
  startMs?: number;
  /** A host row without a worker behind it is "away". */
  served?: boolean;
}

/** A worker on real Postgres and real Temporal, with scripted boxes. */
export interface Rig extends AsyncDisposable {
  readonly db: Database;
  readonly client: Client;
  readonly poker: Poker;
  readonly host: string;
  dispatch(): Promise<unknown>;
  checkReality(): Promise<string[]>;
  stop(): Promise<void>;
}

export async function startRig(options: RigOptions): Promise<Rig> {
  quietRuntime();
  const { address, namespaces } = testTemporal();
  const { database: db, dispose } = await testDatabase();
  const names = {
    namespace: namespaces.operations,
    loopsNamespace: namespaces.loops,
    queue: uniqueId('operations'),
    loopsQueue: uniqueId('loops'),
    host: uniqueId('host'),
  };
  if (options.served ?? true) await db.backend.create({ data: { host: names.host, kind: 'process' } });
  const connection = await NativeConnection.connect({ address });
  const clientConnection = await Connection.connect({ address });
  const client = new Client({ connection: clientConnection, namespace: names.namespace });
  const poker = createPoker(() => Promise.resolve(client), db, { taskQueue: names.queue, workflowTaskTimeoutMs: 2_000 });
  const records = operationRecords({
    db,
    cipher,
    owner: 'test-owner',
    settings: { gatherMs: 10, settleMs: options.settleMs ?? 2_000, startMs: options.startMs ?? 20_000, heartbeatMs: 2_000 },
    deadlineMs: () => options.deadlineMs ?? 20_000,
  });
  const reality = () => checkReality(db, client, poker);
  const workers = await createWorkers({
    connection,
    bundle: { codePath: await workflowBundle() },
    names,
    operations: options.rows?.(records) ?? records,
    boxes: options.boxes,
    loops: { checkReality: async () => ({ lost: (await reality()).length }) },
    hostLoops: { finishOwedBoxes: () => Promise.resolve({ gone: 0, owed: 0 }) },
  });
  const runs = workers.map((worker: Worker) => worker.run());
  const stop = async () => {
    for (const worker of workers) worker.shutdown();
    await Promise.all(runs);
    await connection.close();
    await clientConnection.close();
    await dispose();
  };
  return {
    db,
    client,
    poker,
    host: names.host,
    dispatch: () => dispatch(db, poker),
    checkReality: reality,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
