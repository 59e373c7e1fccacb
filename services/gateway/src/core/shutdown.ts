import type { Server } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { type GatewaySettings, SETTINGS } from './parts.ts';

const RELEASE_EVERY_MS = 50;

/**
 * Stops on SIGTERM and SIGINT: no new connections, streams end at once, requests under way may finish within the drain
 * time, and what is left is cut. A second signal ends the process on the spot.
 */
export function stopOnSignal(app: NestFastifyApplication, logger: Logger, closeParts: () => Promise<void>): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(1);
    stopping = true;
    logger.info({ signal }, 'gateway is stopping');
    void drain(app)
      .then(closeParts)
      .catch((error: unknown) => logger.error({ err: error }, 'did not stop cleanly'))
      .finally(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** Closes the application; connections that outlive the drain time are cut. */
export async function drain(app: NestFastifyApplication): Promise<void> {
  const { drainMs } = app.get<GatewaySettings>(SETTINGS);
  const server = app.getHttpServer() as unknown as Server;
  const cut = setTimeout(() => server.closeAllConnections(), drainMs);
  // A connection that is kept alive becomes idle only when its last request is done.
  const release = setInterval(() => server.closeIdleConnections(), RELEASE_EVERY_MS);
  try {
    await app.close();
  } finally {
    clearTimeout(cut);
    clearInterval(release);
  }
}
