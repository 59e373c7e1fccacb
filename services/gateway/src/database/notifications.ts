import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';
import type { Logger } from 'pino';
import type { GatewayConfig } from '../config.ts';
import { CONFIG, LOGGER } from '../core/parts.ts';

type Handler = (payload: string) => void;

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2_000;
/** A connection that silently died is noticed by asking. */
const CHECK_EVERY_MS = 15_000;
const ANSWER_MS = 5_000;

/**
 * The gateway's one LISTEN connection. It comes back by itself; whoever depends on not missing a notification
 * registers with `onGap` and looks at the rows again.
 */
@Injectable()
export class Notifications implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly handlers = new Map<string, Set<Handler>>();
  private readonly gapHandlers = new Set<() => void>();
  private client: pg.Client | null = null;
  private retry: NodeJS.Timeout | null = null;
  private retryMs = FIRST_RETRY_MS;
  private check: NodeJS.Timeout | null = null;
  private stopped = false;
  /** True while notifications arrive. */
  listening = false;

  constructor(
    @Inject(CONFIG) private readonly config: GatewayConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Calls the handler with every payload on the channel; the function it returns ends that. */
  on(channel: string, handler: Handler): () => void {
    const handlers = this.handlers.get(channel) ?? new Set();
    if (handlers.size === 0 && this.listening) void this.client?.query(`LISTEN ${channel}`).catch(() => {});
    this.handlers.set(channel, handlers.add(handler));
    return () => handlers.delete(handler);
  }

  /** Calls the handler whenever notifications may have been missed, and again when they arrive anew. */
  onGap(handler: () => void): () => void {
    this.gapHandlers.add(handler);
    return () => this.gapHandlers.delete(handler);
  }

  onApplicationBootstrap(): void {
    void this.connect();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    if (this.retry) clearTimeout(this.retry);
    if (this.check) clearInterval(this.check);
    await this.client?.end().catch(() => {});
  }

  private async connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.config.DATABASE_URL,
      connectionTimeoutMillis: ANSWER_MS,
      query_timeout: ANSWER_MS,
      keepAlive: true,
    });
    this.client = client;
    client.on('error', () => this.lost(client));
    client.on('end', () => this.lost(client));
    client.on('notification', ({ channel, payload }) => this.deliver(channel, payload ?? ''));
    try {
      await client.connect();
      for (const channel of this.handlers.keys()) await client.query(`LISTEN ${channel}`);
      this.retryMs = FIRST_RETRY_MS;
      this.listening = true;
      this.check = setInterval(
        () => void client.query('SELECT 1').catch(() => this.lost(client)),
        CHECK_EVERY_MS,
      ).unref();
      for (const handler of this.gapHandlers) handler();
    } catch {
      this.lost(client);
    }
  }

  private deliver(channel: string, payload: string): void {
    for (const handler of this.handlers.get(channel) ?? []) {
      try {
        handler(payload);
      } catch (error) {
        this.logger.error({ err: error, channel }, 'a notification could not be handled');
      }
    }
  }

  private lost(client: pg.Client): void {
    if (client !== this.client) return;
    this.client = null;
    this.listening = false;
    if (this.check) clearInterval(this.check);
    client.end().catch(() => {});
    if (this.stopped) return;
    for (const handler of this.gapHandlers) handler();
    this.retry = setTimeout(() => void this.connect(), this.retryMs);
    this.retryMs = Math.min(this.retryMs * 2, LAST_RETRY_MS);
  }
}
