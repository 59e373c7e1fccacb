import { createCipher } from '@holdfast/activities/secret/cipher';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { bootRoutes } from './boot/boot-routes.ts';
import { createNonces } from './boot/nonce.ts';
import type { Images } from './boot/package.ts';
import type { Database } from './database/database.ts';
import { createServer } from './http/server.ts';
import { capabilityRoutes } from './instance/capability-routes.ts';
import { consoleRoutes } from './instance/console-routes.ts';
import { instanceRoutes } from './instance/instance-routes.ts';
import { instanceRows } from './instance/instance-rows.ts';
import { livenessRoute } from './loop/liveness-route.ts';
import { settleLoop } from './loop/settle-loop.ts';
import { strayLoop } from './loop/stray-loop.ts';
import { type Loop, supervise } from './loop/supervise.ts';
import type { Organisations } from './organisation/organisations.ts';
import { tenantRoutes } from './organisation/tenant-routes.ts';
import type { Providers } from './provider/registry.ts';
import type { Timing } from './timing.ts';
import { bootMs } from './watcher/boot-window.ts';
import { bootWatcher } from './watcher/boot-watcher.ts';
import { watchRows } from './watcher/watch-rows.ts';

export interface ControlPlaneParts {
  readonly db: Database;
  readonly organisations: Organisations;
  readonly providers: Providers;
  readonly encryptionKey: string;
  readonly images: Images;
  readonly log: Logger;
  /** Its own address, as machines reach it; asked for when it is needed. */
  readonly url: () => string;
  readonly timing: Timing;
}

export interface ControlPlane {
  readonly server: FastifyInstance;
  /** Runs its loops until the signal comes. */
  runLoops(signal: AbortSignal): Promise<void>;
}

/** Puts a control plane together; it neither listens nor loops before it is told to. */
export function createControlPlane(parts: ControlPlaneParts): ControlPlane {
  const { db, organisations, providers, log, timing } = parts;
  const cipher = createCipher(parts.encryptionKey);
  const rows = instanceRows(db);
  const ending = { rows, providers, waitMs: timing.stopWaitMs, lookMs: timing.stopLookMs, visibleMs: timing.visibleMs };
  const server = createServer(log);
  tenantRoutes(server, organisations);
  capabilityRoutes(server, { organisations, providers });
  consoleRoutes(server, { organisations, rows, providers });
  instanceRoutes(server, {
    organisations,
    terminate: ending,
    provision: {
      rows,
      providers,
      cipher,
      nonces: createNonces(parts.encryptionKey),
      images: parts.images,
      log,
      get url() {
        return parts.url();
      },
      bootMs: (runtime, platformSeconds) => bootMs(runtime, timing.bootSeconds, platformSeconds),
      attemptMs: timing.attemptMs,
    },
  });
  bootRoutes(server, { db, cipher });
  livenessRoute(server, db);
  const loops: Loop[] = [
    settleLoop({ ...ending, log, everyMs: timing.lookMs }),
    strayLoop({ rows, providers, log, everyMs: timing.strayMs }),
    bootWatcher({ ...timing, rows: watchRows(db), providers, organisations, cipher, log, everyMs: timing.lookMs }),
  ];
  return {
    server,
    async runLoops(signal) {
      await Promise.all(loops.map((loop) => supervise(db, loop, log, signal)));
    },
  };
}
