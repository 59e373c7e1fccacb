import { logOptions } from '@holdfast/activities/log/log-options';
import pino from 'pino';
import { createControlPlane } from './app.ts';
import { ConfigError, readConfig } from './config.ts';
import { isUnavailable, openDatabase } from './database/database.ts';
import { migrate } from './database/migrate.ts';
import { readOrganisations } from './organisation/organisations.ts';
import { configuredProviders, usualCloudTiming } from './providers.ts';
import { usualTiming } from './timing.ts';

const DRAIN_MS = 10_000;

async function main(): Promise<void> {
  const config = readConfig();
  const organisations = readOrganisations(config.CONTROL_PLANE_ORGANISATIONS);
  const log = pino(logOptions('control-plane', config.LOG_LEVEL));
  const db = openDatabase(config.DATABASE_URL, config.DATABASE_CONNECTIONS);
  const applied = await migrate(db);
  const { server, runLoops } = createControlPlane({
    db,
    organisations,
    providers: configuredProviders(config, {
      ...usualCloudTiming,
      lookMs: Math.min(usualCloudTiming.lookMs, config.CONTROL_PLANE_LOOK_MS),
    }),
    encryptionKey: config.SECRETS_ENCRYPTION_KEY,
    images: { registry: config.IMAGE_REGISTRY, reference: config.HOLDFAST_AGENT_IMAGE },
    log,
    url: () => config.CONTROL_PLANE_URL,
    timing: {
      ...usualTiming,
      bootSeconds: config.CONTROL_PLANE_BOOT_SECONDS,
      lookMs: config.CONTROL_PLANE_LOOK_MS,
      stopLookMs: Math.min(usualTiming.stopLookMs, config.CONTROL_PLANE_LOOK_MS),
      attemptMs: config.CONTROL_PLANE_ATTEMPT_MS,
      visibleMs: config.CONTROL_PLANE_VISIBLE_MS,
      stopWaitMs: config.CONTROL_PLANE_STOP_WAIT_MS,
    },
  });
  const url = await server.listen({ host: config.HOLDFAST_LISTEN, port: config.PORT });
  log.info({ url, clouds: config.CONTROL_PLANE_PROVIDERS, migrations: applied }, 'control plane is listening');

  const stopping = new AbortController();
  const loops = runLoops(stopping.signal);
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping.signal.aborted) process.exit(1);
    log.info({ signal }, 'control plane is stopping');
    setTimeout(() => process.exit(0), DRAIN_MS).unref();
    stopping.abort();
    void Promise.allSettled([server.close(), loops])
      .then(() => db.close())
      .finally(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

const sentences: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken; set PORT to a free one',
  EADDRNOTAVAIL: 'this machine has no such address; correct HOLDFAST_LISTEN',
  EACCES: 'this user may not use that port; set PORT to one above 1023',
};

main().catch((error: unknown) => {
  const { code = '', stack } = error as { code?: string; stack?: string };
  const why =
    sentences[code] ?? (isUnavailable(error) ? 'the database does not answer; check DATABASE_URL' : undefined);
  const text = error instanceof ConfigError ? error.message : why ? `The control plane cannot start: ${why}.` : stack;
  process.stderr.write(`${text}\n`);
  process.exit(1);
});
