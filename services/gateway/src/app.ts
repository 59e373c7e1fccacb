import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.ts';
import type { GatewayConfig } from './config.ts';
import { nestLogger } from './core/nest-logger.ts';
import { type Parts, defaultSettings } from './core/parts.ts';
import { Entry } from './http/entry.ts';
import { OpenStreams } from './http/open-streams.ts';
import { recordRequests } from './http/request-log.ts';
import { createServer } from './http/server.ts';
import { Metrics } from './metrics/metrics.ts';
import { serveDocument } from './openapi/serve-document.ts';

/** A gateway that is ready to listen, and the routes it has, as `METHOD /path`. */
export interface Gateway {
  readonly app: NestFastifyApplication;
  readonly routes: ReadonlySet<string>;
}

/** What a caller must bring; the rest has defaults. */
export type GatewayParts = Omit<Parts, 'config' | 'settings'> & { settings?: Partial<Parts['settings']> };

/**
 * Builds a gateway without listening. It needs neither Postgres nor Temporal to start, and answers 503 until it
 * reaches Postgres.
 * @throws when a route has no row in the policy table
 */
export async function createGateway(config: GatewayConfig, parts: GatewayParts): Promise<Gateway> {
  const settings = { ...defaultSettings, ...parts.settings };
  let app: NestFastifyApplication | undefined;
  const found = <T>(type: new (...args: never[]) => T): T => {
    if (!app) throw new Error('a request came before the application was built');
    return app.get(type);
  };
  let entry: Entry | undefined;
  let metrics: Metrics | undefined;
  const { adapter, server, routes } = createServer(config, parts.logger, () => (entry ??= found(Entry)));
  recordRequests(server, parts.logger, () => (metrics ??= found(Metrics)));
  server.addHook('preClose', async () => found(OpenStreams).closeAll());
  app = await NestFactory.create<NestFastifyApplication>(AppModule.with({ ...parts, config, settings }), adapter, {
    bodyParser: false,
    logger: nestLogger(parts.logger),
    abortOnError: false,
  });
  serveDocument(app);
  await app.init();
  await server.ready();
  return { app, routes };
}
