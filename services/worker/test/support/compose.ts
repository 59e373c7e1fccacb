import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, type Worker } from '@temporalio/worker';
import { operationRecords } from '@holdfast/activities/operation/operation-records';
import { createPoker } from '@holdfast/activities/operation/poke';
import type { Poker } from '@holdfast/activities/operation/poker';
import { treeActivities } from '@holdfast/activities/operation/tree';
import type { Cipher } from '@holdfast/activities/secret/cipher';
import type { Database } from '@holdfast/prisma';
import type { BoxPort } from '@holdfast/workflows/box/ports';
import type { OperationPort, TreePort } from '@holdfast/workflows/operation/ports';
import { operationWorkers } from '../../src/workers.ts';

export interface Names {
  readonly namespace: string;
  readonly queue: string;
}

export interface Durations {
  readonly deadlineMs: number;
  readonly settleMs: number;
  readonly startMs: number;
  readonly heartbeatMs?: number;
  /** How long a create may still come out after it was begun; a second unless told. */
  readonly longestCreateMs?: number;
}

/** How soon a worker that took a task is believed dead where none is killed: a busy machine is slow. */
const PATIENCE_MS = 5_000;
/** The same where workers are killed, and somebody waits for what they had taken. */
export const IMPATIENT_TASKS_MS = 2_000;

/** A client as the gateway has one, the poker over it, and what trees ask of both. */
export async function openClient(
  address: string,
  db: Database,
  names: Names,
  workflowTaskTimeoutMs: number = PATIENCE_MS,
): Promise<{ client: Client; poker: Poker; trees: TreePort; close(): Promise<void> }> {
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace: names.namespace });
  const poker = patient(
    createPoker(() => Promise.resolve(client), db, {
      taskQueue: names.queue,
      workflowTaskTimeoutMs,
    }),
  );
  return { client, poker, trees: treeActivities({ db, poker }), close: () => connection.close() };
}

/** A server may refuse for a moment. In the product the dispatcher repeats such a poke; most tests have none. */
function patient(poker: Poker): Poker {
  const repeated = (poke: (id: string) => Promise<void>) => async (id: string) => {
    for (let left = 2; ; left -= 1) {
      try {
        return await poke(id);
      } catch (error) {
        if (left === 0) throw error;
        await pause(300);
      }
    }
  };
  return { poke: repeated((id) => poker.poke(id)), pokeTree: repeated((id) => poker.pokeTree(id)) };
}

/** A runtime whose agents have hardly any time to register. */
export const impatientRuntime = 'impatient';
const IMPATIENCE_MS = 500;

/** The rows behind the operation port, with the durations of tests. */
export const recordsOf = (
  db: Database,
  cipher: Cipher,
  { deadlineMs, settleMs, startMs, heartbeatMs = 2_000 }: Durations,
): OperationPort =>
  operationRecords({
    db,
    cipher,
    owner: 'test-owner',
    settings: { gatherMs: 10, settleMs, startMs, heartbeatMs },
    deadlineMs: (runtime) => (runtime === impatientRuntime ? IMPATIENCE_MS : deadlineMs),
  });

export interface RunningWorkers {
  stop(): Promise<void>;
}

/** Runs the workers of one host that operations need; loops are ticked by the tests. */
export async function runWorkers(parts: {
  address: string;
  bundle: string;
  names: Names;
  host: string;
  operations: OperationPort;
  trees: TreePort;
  boxes: BoxPort;
}): Promise<RunningWorkers> {
  const { address, bundle, names, host, operations, trees, boxes } = parts;
  // A connection of its own: one takes no two workers of a kind for a queue.
  const connection = await NativeConnection.connect({ address });
  const tasks = { connection, bundle: { codePath: bundle }, ...names, host };
  const workers = await operationWorkers(tasks, { operations, trees, boxes });
  const runs = workers.map((worker: Worker) => worker.run());
  return {
    async stop() {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await Promise.all(runs);
      await connection.close();
    },
  };
}
