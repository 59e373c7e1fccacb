import type { Cipher } from '@holdfast/activities/secret/cipher';
import type { Poker } from '@holdfast/activities/operation/poker';
import type { Database } from '@holdfast/prisma';
import type { Logger } from 'pino';
import type { GatewayConfig } from '../config.ts';
import type { LoopRuns } from './loop-runs.ts';

/**
 * What the gateway is made of and cannot make itself. Inject one by its token:
 *
 *     constructor(@Inject(DATABASE) private readonly db: Database) {}
 *
 * Classes of the gateway (Idempotency, Notifications, …) are injected by their class, with a value import: an
 * `import type` would leave Nest without the metadata it injects by.
 */
export interface Parts {
  readonly config: GatewayConfig;
  readonly database: Database;
  readonly cipher: Cipher;
  readonly poker: Poker;
  readonly loops: LoopRuns;
  readonly logger: Logger;
  readonly settings: GatewaySettings;
  /** Rejects when Temporal does not answer in time. */
  readonly pingTemporal: (withinMs: number) => Promise<void>;
}

/** Durations in milliseconds; tests bring shorter ones. */
export interface GatewaySettings {
  /** How long the end of a change is waited for before it is answered "accepted". The canvas gives up after fifteen seconds. */
  readonly answerWaitMs: number;
  /** How long requests may take to finish when the gateway is told to stop. */
  readonly drainMs: number;
  /** A comment is sent on an idle event stream this often, so that proxies keep it open. */
  readonly streamPingMs: number;
  /** A backend that was not seen for longer is away. */
  readonly backendSeenMs: number;
}

export const defaultSettings: GatewaySettings = {
  answerWaitMs: 12_000,
  drainMs: 30_000,
  streamPingMs: 25_000,
  backendSeenMs: 30_000,
};

export const CONFIG = Symbol('config');
export const DATABASE = Symbol('database');
export const CIPHER = Symbol('cipher');
export const POKER = Symbol('poker');
export const LOOP_RUNS = Symbol('loop runs');
export const LOGGER = Symbol('logger');
export const SETTINGS = Symbol('settings');
export const PING_TEMPORAL = Symbol('ping temporal');
