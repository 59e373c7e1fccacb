import { Client as TemporalClient, Connection } from '@temporalio/client';
import { NativeConnection, Runtime } from '@temporalio/worker';
import { operationRecords } from '@holdfast/activities/operation/operation-records';
import { createPoker } from '@holdfast/activities/operation/poke';
import { withProgress } from '@holdfast/activities/operation/progress';
import { treeActivities } from '@holdfast/activities/operation/tree';
import { createCipher } from '@holdfast/activities/secret/cipher';
import { openDatabase } from '@holdfast/prisma';
import { defaultOperationSettings } from '@holdfast/workflows/operation/operation';
import { readConfig } from '../../services/worker/src/config.ts';
import { createLogger, temporalLogger } from '../../services/worker/src/logger.ts';
import { scheduledLoops } from '../../services/worker/src/loops.ts';
import { runOwnLoops } from '../../services/worker/src/own-loops.ts';
import { loopWorkers, operationWorkers } from '../../services/worker/src/workers.ts';
import { nullBoxes } from './null-boxes.ts';

// The worker as services/worker composes it, with boxes that cost nothing: what is left is our own work.
const DEADLINE_MS = 600_000;
const config = readConfig(process.env);
const log = createLogger(config.LOG_LEVEL);
Runtime.install({ shutdownSignals: [], logger: temporalLogger(log) });
const db = openDatabase(config.DATABASE_URL, { connections: config.DATABASE_CONNECTIONS });
const cipher = createCipher(config.SECRETS_ENCRYPTION_KEY);
const connection = await NativeConnection.connect({ address: config.TEMPORAL_ADDRESS });
const client = new TemporalClient({
  connection: Connection.lazy({ address: config.TEMPORAL_ADDRESS }),
  namespace: config.TEMPORAL_NAMESPACE,
});
const poker = createPoker(() => Promise.resolve(client), db, {
  taskQueue: config.HOLDFAST_QUEUE,
  workflowTaskTimeoutMs: config.WORKFLOW_TASK_TIMEOUT_MS,
});
const place = { host: config.HOLDFAST_HOST, kind: 'process' };
const observe = async (): Promise<void> => {
  const seen = { seenAt: new Date() };
  await db.backend.upsert({ where: { host_kind: place }, create: { ...place, ...seen }, update: seen });
};
const finishOwed = () => Promise.resolve({ gone: 0, owed: 0 });
const deadlineMs = () => DEADLINE_MS;
const parts = { config, db, client, poker, log, deadlineMs, finishOwed, observe };
const tasks = { connection, bundle: { codePath: config.HOLDFAST_WORKFLOW_BUNDLE }, host: config.HOLDFAST_HOST };
const ofOperations = { ...tasks, namespace: config.TEMPORAL_NAMESPACE, queue: config.HOLDFAST_QUEUE };
const ofLoops = { ...tasks, namespace: config.TEMPORAL_LOOPS_NAMESPACE, queue: config.HOLDFAST_LOOPS_QUEUE };
const workers = [
  ...(await operationWorkers(ofOperations, {
    trees: treeActivities({ db, poker }),
    operations: operationRecords({
      db,
      cipher,
      owner: config.HOLDFAST_OWNER,
      settings: defaultOperationSettings,
      deadlineMs,
    }),
    boxes: withProgress(db, nullBoxes({ db, cipher, platformUrl: config.PLATFORM_URL })),
  })),
  ...(await loopWorkers(ofLoops, scheduledLoops(parts))),
];
const runs = workers.map((worker) => worker.run());
const stopping = new AbortController();
const ownLoops = runOwnLoops(parts, stopping.signal);
process.once('SIGTERM', () => {
  stopping.abort();
  for (const worker of workers) worker.shutdown();
  void Promise.allSettled([...runs, ownLoops]).then(() => process.exit(0));
});
