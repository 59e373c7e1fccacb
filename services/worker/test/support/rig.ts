import { randomBytes } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { checkReality } from '@holdfast/activities/operation/reality-check';
import { dispatch } from '@holdfast/activities/operation/dispatcher';
import type { Poker } from '@holdfast/activities/operation/poker';
import { createCipher } from '@holdfast/activities/secret/cipher';
import { quietRuntime, testDatabase, testTemporal, uniqueId, workflowBundle } from '@holdfast/infra/testing/index';
import { type Database, openDatabase } from '@holdfast/prisma';
import type { BackendKind } from '@holdfast/workflows/box/box';
import type { BoxPort } from '@holdfast/workflows/box/ports';
import type { OperationPort } from '@holdfast/workflows/operation/ports';
import { type Durations, openClient, recordsOf, runWorkers, type Names } from './compose.ts';

export const cipher = createCipher(randomBytes(32).toString('base64'));

/** The boxes of one host. */
export interface HostBoxes {
  readonly port: BoxPort;
  /** Tries again to stop what the host owes. */
  finishOwed(): Promise<unknown>;
}

export interface RigOptions extends Partial<Durations> {
  /** What touches boxes; made anew for every host when it is a function. */
  boxes: BoxPort | ((parts: { db: Database; host: string }) => HostBoxes);
  /** Wraps the rows, to make them fail where a test wants it. */
  rows?: (records: OperationPort) => OperationPort;
  /** How many hosts there are, each with a worker of its own; all of them serve the operations. */
  hosts?: number;
  /** A host row without a worker behind it is "away". */
  served?: boolean;
  /** What the hosts say they serve. */
  backend?: BackendKind;
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

const usual: Durations = { deadlineMs: 20_000, settleMs: 20_000, startMs: 20_000 };

/** Names no other test has. */
export function ownNames(): Names {
  return { namespace: testTemporal().namespaces.operations, queue: uniqueId('operations') };
}

export async function startRig(options: RigOptions): Promise<Rig> {
  await quietRuntime();
  const address = options.servers?.temporalAddress ?? testTemporal().address;
  const { db, dispose } = await databaseOf(options);
  const names = ownNames();
  const hosts = Array.from({ length: options.hosts ?? 1 }, () => uniqueId('host'));
  for (const host of (options.served ?? true) ? hosts : [])
    await db.backend.create({ data: { host, kind: options.backend ?? 'process' } });
  const { client, poker, trees, close } = await openClient(address, db, names);
  const records = recordsOf(db, cipher, { ...usual, ...options });
  const boxesOf = (host: string): HostBoxes =>
    typeof options.boxes === 'function' ? options.boxes({ db, host }) : scripted(options.boxes);
  const perHost = hosts.map((host) => ({ host, boxes: boxesOf(host) }));
  const bundle = await workflowBundle();
  const operations = options.rows?.(records) ?? records;
  const workers = await Promise.all(
    perHost.map(({ host, boxes }) =>
      runWorkers({ address, bundle, names, host, operations, trees, boxes: boxes.port }),
    ),
  );
  const stop = async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    await close();
    await dispose();
  };
  return {
    db,
    client,
    poker,
    host: hosts[0]!,
    hosts,
    dispatch: () => dispatch(db, poker),
    checkReality: () => checkReality(db, client, poker),
    finishOwed: async () => void (await Promise.all(perHost.map(({ boxes }) => boxes.finishOwed()))),
    stop,
    [Symbol.asyncDispose]: stop,
  };
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
