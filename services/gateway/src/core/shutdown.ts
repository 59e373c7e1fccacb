import type { Server } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { type GatewaySettings, SETTINGS } from './parts.ts';

const RELEASE_EVERY_MS = 50;

/**
 * Stops on SIGTERM and SIGINT: no new connections, streams end at once, requests under way may finish within the drain
 * time, and what is left is cut. A second signal ends the process on the spot.
 */
export function stopOnSignal(
  app: NestFastifyApplication,
  extra: readonly Server[],
  logger: Logger,
  closeParts: () => Promise<void>,
): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(1);
    stopping = true;
    logger.info({ signal }, 'gateway is stopping');
    void drain(app, extra)
      .then(closeParts)
      .catch((error: unknown) => logger.error({ err: error }, 'did not stop cleanly'))
      .finally(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** Closes the application and the servers beside its own; connections that outlive the drain time are cut. */
async function drain(app: NestFastifyApplication, extra: readonly Server[]): Promise<void> {
  const { drainMs } = app.get<GatewaySettings>(SETTINGS);
  const servers = [app.getHttpServer() as unknown as Server, ...extra];
  const cut = setTimeout(() => servers.forEach((server) => server.closeAllConnections()), drainMs);
  // A connection that is kept alive becomes idle only when its last request is done.
  const release = setInterval(() => servers.forEach((server) => server.closeIdleConnections()), RELEASE_EVERY_MS);
  try {
    await Promise.all([app.close(), ...extra.map((server) => new Promise((resolve) => server.close(resolve)))]);
  } finally {
    clearTimeout(cut);
    clearInterval(release);
  }
}
