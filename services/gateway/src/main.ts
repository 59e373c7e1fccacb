import { tellOf } from '@holdfast/activities/config/tenant-config';
import { createPoker } from '@holdfast/activities/operation/poke';
import { createCipher } from '@holdfast/activities/secret/cipher';
import { openDatabase } from '@holdfast/prisma';
import { createGateway } from './app.ts';
import { AdminCredential } from './auth/admin-credential.ts';
import { ensureAdminToken } from './auth/first-boot.ts';
import { bootEnvironment, ConfigError, readConfig } from './config.ts';
import { createLogger } from './core/logger.ts';
import { createLoopRuns } from './core/loop-runs.ts';
import { stopOnSignal } from './core/shutdown.ts';
import { openTemporal } from './core/temporal.ts';
import { ListenError, listen } from './http/listen.ts';
import { Metrics } from './metrics/metrics.ts';
import { listenForMetrics } from './metrics/metrics-listener.ts';

async function main(): Promise<void> {
  const booting = await bootEnvironment();
  const config = readConfig(booting.environment);
  const logger = createLogger(config.LOG_LEVEL);
  tellOf(booting, logger);
  const database = openDatabase(config.DATABASE_URL, { connections: config.DATABASE_CONNECTIONS });
  const temporal = openTemporal(config.TEMPORAL_ADDRESS, {
    operations: config.TEMPORAL_NAMESPACE,
    loops: config.TEMPORAL_LOOPS_NAMESPACE,
  });
  const { app } = await createGateway(config, {
    database,
    cipher: createCipher(config.SECRETS_ENCRYPTION_KEY),
    logger,
    poker: createPoker(temporal.client, database, {
      taskQueue: config.HOLDFAST_QUEUE,
      workflowTaskTimeoutMs: config.WORKFLOW_TASK_TIMEOUT_MS,
    }),
    loops: createLoopRuns(temporal.loops, config.HOLDFAST_LOOPS_QUEUE),
    pingTemporal: temporal.ping,
  });
  const listening = await listen(app, config.HOLDFAST_LISTEN, config.PORT);
  const metrics =
    config.METRICS_LISTEN === undefined ? null : await listenForMetrics(app.get(Metrics), config.METRICS_LISTEN);
  const stopping = new AbortController();
  stopOnSignal(app, listening.extra, logger, async () => {
    stopping.abort();
    metrics?.close();
    await Promise.allSettled([database.$disconnect(), temporal.close()]);
  });
  logger.info({ urls: listening.urls }, 'gateway is listening');
  await ensureAdminToken(app.get(AdminCredential), logger, (text) => process.stdout.write(text), stopping.signal);
}

main().catch((error: unknown) => {
  const isKnown = error instanceof ConfigError || error instanceof ListenError;
  process.stderr.write(`${isKnown ? error.message : String((error as Error).stack)}\n`);
  process.exit(1);
});
