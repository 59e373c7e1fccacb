import { once } from 'node:events';
import { Client } from '@temporalio/client';
import { NativeConnection, Runtime } from '@temporalio/worker';
import { createBoxActivities } from '@holdfast/activities/box/box-activities';
import { defaultBoxSettings } from '@holdfast/activities/box/box-context';
import { createHostLoops } from '@holdfast/activities/box/host-loops';
import { loadRuntimes } from '@holdfast/activities/box/runtimes';
import { tellOf } from '@holdfast/activities/config/tenant-config';
import { forgetLoops } from '@holdfast/activities/loop/loop-records';
import { operationRecords } from '@holdfast/activities/operation/operation-records';
import { createPoker } from '@holdfast/activities/operation/poke';
import { connectToTemporal } from '@holdfast/activities/operation/temporal-connection';
import { treeActivities } from '@holdfast/activities/operation/tree';
import { withProgress } from '@holdfast/activities/operation/progress';
import { createCipher } from '@holdfast/activities/secret/cipher';
import { provisionTimeouts } from '@holdfast/activities/workspace/template-catalogue';
import { openDatabase } from '@holdfast/prisma';
import { openBackends } from './backends.ts';
import { bootEnvironment, readConfig } from './config.ts';
import { createLogger, temporalLogger } from './logger.ts';
import { scheduledLoops } from './loops.ts';
import { runOwnLoops } from './own-loops.ts';
import { ensureSchedules } from './schedules.ts';
import { untilTemporalAnswers } from './temporal.ts';
import { loopWorkers, operationWorkers } from './workers.ts';

async function main(): Promise<void> {
  const booting = await bootEnvironment();
  const config = readConfig(booting.environment);
  const log = createLogger(config.LOG_LEVEL);
  tellOf(booting, log);
  // We own the signals: the SDK's handler and ours would both shut the workers down.
  Runtime.install({ shutdownSignals: [], logger: temporalLogger(log) });
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());

  await untilTemporalAnswers(config.TEMPORAL_ADDRESS, log, stopping.signal);
  if (stopping.signal.aborted) return;
  const db = openDatabase(config.DATABASE_URL, { connections: config.DATABASE_CONNECTIONS });
  const cipher = createCipher(config.SECRETS_ENCRYPTION_KEY);
  const connection = await NativeConnection.connect({ address: config.TEMPORAL_ADDRESS });
  const clientConnection = connectToTemporal(config.TEMPORAL_ADDRESS);
  const client = new Client({ connection: clientConnection, namespace: config.TEMPORAL_NAMESPACE });
  const poker = createPoker(() => Promise.resolve(client), db, {
    taskQueue: config.HOLDFAST_QUEUE,
    workflowTaskTimeoutMs: config.WORKFLOW_TASK_TIMEOUT_MS,
  });
  const settings = {
    gatherMs: config.OPERATION_GATHER_MS,
    settleMs: config.OPERATION_SETTLE_MS,
    startMs: config.OPERATION_START_MS,
    heartbeatMs: config.OPERATION_HEARTBEAT_MS,
  };
  const runtimes = await loadRuntimes(config.HOLDFAST_RUNTIMES, {
    ...(config.IMAGE_REGISTRY === undefined ? {} : { registry: config.IMAGE_REGISTRY }),
    ...(config.HOLDFAST_AGENT_IMAGE === undefined ? {} : { images: { reference: config.HOLDFAST_AGENT_IMAGE } }),
    ...(config.PROVISION_TIMEOUT_SECONDS === undefined
      ? {}
      : { provisionTimeoutSeconds: config.PROVISION_TIMEOUT_SECONDS }),
  });
  const declared = await provisionTimeouts(config.CONFIGS_DIR);
  const deadlineMs = (runtime: string): number => runtimes.deadlineMs(runtime, declared);
  const backends = await openBackends(config, log, deadlineMs);
  const boxOptions = {
    db,
    cipher,
    backends,
    owner: config.HOLDFAST_OWNER,
    host: config.HOLDFAST_HOST,
    log,
    settings: {
      ...defaultBoxSettings,
      platformUrl: config.PLATFORM_URL,
      templateRoot: config.CONFIGS_DIR ?? null,
      orgTemplateRoot: config.ORG_TEMPLATES_DIR ?? null,
      workspaceDir: config.WORKSPACE_DIR ?? null,
      awarenessUrl: config.AWARENESS_URL ?? null,
      runtimes,
      mutators: [],
    },
  };
  const boxes = createBoxActivities(boxOptions);
  const hostLoops = backends.length > 0 ? createHostLoops({ ...boxOptions, poker }) : undefined;
  const { finishOwed, observe } = boxes;
  const parts = { config, db, client, poker, log, deadlineMs, hostLoops, finishOwed, observe };
  const scheduled = scheduledLoops(parts);
  const tasks = { connection, bundle: { codePath: config.HOLDFAST_WORKFLOW_BUNDLE }, host: config.HOLDFAST_HOST };
  const ofOperations = { ...tasks, namespace: config.TEMPORAL_NAMESPACE, queue: config.HOLDFAST_QUEUE };
  const ofLoops = { ...tasks, namespace: config.TEMPORAL_LOOPS_NAMESPACE, queue: config.HOLDFAST_LOOPS_QUEUE };
  const workers = [
    ...(await operationWorkers(ofOperations, {
      trees: treeActivities({
        db,
        poker,
        onFailure: (change, error) => log.warn({ err: error, change }, 'a tree was not looked after; trying again'),
      }),
      operations: operationRecords({
        db,
        cipher,
        owner: config.HOLDFAST_OWNER,
        settings,
        deadlineMs,
        onFailure: (change, error) => log.warn({ err: error, change }, 'rows were not changed; trying again'),
      }),
      boxes: withProgress(db, boxes.port, (step, error) =>
        log.warn({ err: error, step }, 'a step of a box was not noted; trying again'),
      ),
    })),
    ...(await loopWorkers(ofLoops, scheduled)),
  ];
  const runs = workers.map((worker) => worker.run());
  const ownLoops = runOwnLoops(parts, stopping.signal);
  const loopsClient = new Client({ connection: clientConnection, namespace: config.TEMPORAL_LOOPS_NAMESPACE });
  await ensureSchedules(loopsClient, scheduled, config.HOLDFAST_LOOPS_QUEUE);
  await forgetLoops(
    db,
    scheduled.retired.map(({ name }) => name),
  );
  log.info({ host: config.HOLDFAST_HOST, backends: backends.map(({ kind }) => kind) }, 'worker is running');

  const stopped = stopping.signal.aborted ? Promise.resolve() : once(stopping.signal, 'abort');
  // A worker that ends by itself has failed: the process goes with it, and whatever supervises it starts another.
  await Promise.race([stopped, Promise.all(runs)]);
  stopping.abort();
  for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  await Promise.allSettled([...runs, ownLoops]);
  await Promise.allSettled([connection.close(), clientConnection.close(), db.$disconnect()]);
  log.info('worker has stopped');
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
