import { type DynamicModule, Global, Module } from '@nestjs/common';
import { AdminCredential } from '../auth/admin-credential.ts';
import { Callers } from '../auth/callers.ts';
import { Gate } from '../auth/gate.ts';
import { Sessions } from '../auth/session.ts';
import { TokenCache } from '../auth/token-cache.ts';
import { Notifications } from '../database/notifications.ts';
import { Requests } from '../dry-run/requests.ts';
import { Entry } from '../http/entry.ts';
import { EventStreams } from '../http/event-stream.ts';
import { OpenStreams } from '../http/open-streams.ts';
import { Idempotency } from '../idempotency/idempotency.ts';
import { Limits } from '../limits/limits.ts';
import { Metrics } from '../metrics/metrics.ts';
import { OperationWatcher } from '../operation/operation-watcher.ts';
import { AfterCommit } from './after-commit.ts';
import { CIPHER, CONFIG, DATABASE, LOGGER, LOOP_RUNS, PING_TEMPORAL, POKER, type Parts, SETTINGS } from './parts.ts';

const services = [
  AdminCredential,
  AfterCommit,
  Callers,
  Entry,
  EventStreams,
  Gate,
  Idempotency,
  Limits,
  Metrics,
  Notifications,
  OpenStreams,
  OperationWatcher,
  Requests,
  Sessions,
  TokenCache,
];

/** What every route module may inject. */
@Global()
@Module({})
export class CoreModule {
  static with(parts: Parts): DynamicModule {
    const values = [
      { provide: CONFIG, useValue: parts.config },
      { provide: DATABASE, useValue: parts.database },
      { provide: CIPHER, useValue: parts.cipher },
      { provide: POKER, useValue: parts.poker },
      { provide: LOOP_RUNS, useValue: parts.loops },
      { provide: LOGGER, useValue: parts.logger },
      { provide: SETTINGS, useValue: parts.settings },
      { provide: PING_TEMPORAL, useValue: parts.pingTemporal },
    ];
    return { module: CoreModule, providers: [...values, ...services], exports: [...values, ...services] };
  }
}
