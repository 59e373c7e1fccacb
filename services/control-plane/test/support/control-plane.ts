import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { logOptions } from '@holdfast/activities/log/log-options';
import type { Cloud } from '@holdfast/infra/testing/clouds/index';
import pino from 'pino';
import { createControlPlane } from '../../src/app.ts';
import { type Database, openDatabase } from '../../src/database/database.ts';
import { migrate } from '../../src/database/migrate.ts';
import { readOrganisations } from '../../src/organisation/organisations.ts';
import { configuredProviders } from '../../src/providers.ts';
import { type Timing, usualTiming } from '../../src/timing.ts';
import { configFor, quickClouds } from './clouds.ts';

export const ENCRYPTION_KEY = Buffer.alloc(32, 7).toString('base64');

/** Two tenants. What the second may see of the first is nothing. */
export const tenants = {
  one: {
    id: 'org-one',
    secret: 'the-shared-secret-of-one',
    adminSecret: 'the-admin-secret-of-one',
    adminToken: 'the-admin-token-of-one',
  },
  two: {
    id: 'org-two',
    secret: 'the-shared-secret-of-two',
    adminSecret: 'the-admin-secret-of-two',
    adminToken: 'the-admin-token-of-two',
  },
} as const;
export type Tenant = (typeof tenants)[keyof typeof tenants];

export interface TestControlPlane {
  readonly url: string;
  readonly db: Database;
  /** All it has logged. */
  readonly logged: () => string;
  stop(): Promise<void>;
}

export interface TestOptions {
  readonly databaseUrl: string;
  readonly clouds: readonly Cloud[];
  /** Where failed boots are reported. */
  readonly platformUrl?: string;
  readonly timing?: Partial<Timing>;
  /** Left out, its loops run. */
  readonly loops?: boolean;
}

const quick: Timing = {
  ...usualTiming,
  bootSeconds: undefined,
  lookMs: 200,
  stopLookMs: 10,
  stopWaitMs: 10_000,
  visibleMs: 0,
  reportAgainMs: 20,
};

/** A control plane over real clouds of the test kit, on a database of the run. */
export async function startControlPlane(options: TestOptions): Promise<TestControlPlane> {
  const { databaseUrl, clouds, platformUrl = 'http://127.0.0.1:1', timing = {}, loops = true } = options;
  const lines: string[] = [];
  const log = pino(logOptions('control-plane', 'debug'), { write: (line: string) => void lines.push(line) });
  const db = openDatabase(databaseUrl, 10);
  await migrate(db);
  let url = '';
  const { server, runLoops } = createControlPlane({
    db,
    organisations: organisationsAt(platformUrl),
    providers: configuredProviders(configFor(clouds), quickClouds),
    encryptionKey: ENCRYPTION_KEY,
    images: { registry: undefined, reference: 'holdfast/agent:test' },
    log,
    url: () => url,
    timing: { ...quick, ...timing },
  });
  url = await server.listen({ host: '127.0.0.1', port: 0 });
  const stopping = new AbortController();
  const running = loops ? runLoops(stopping.signal) : Promise.resolve();
  return {
    url,
    db,
    logged: () => lines.join(''),
    async stop() {
      stopping.abort();
      await running;
      await server.close();
      await db.close();
    },
  };
}

/** The organisations as their file would list them. */
function organisationsAt(platformUrl: string) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-organisations-'));
  const file = path.join(folder, 'organisations.json');
  const entries = Object.values(tenants).map(({ id, secret, adminSecret, adminToken }) => ({
    id,
    secrets: [secret],
    admin_secrets: [adminSecret],
    admin_token: adminToken,
    platform_url: platformUrl,
    config: { GREETING: `hello ${id}` },
  }));
  writeFileSync(file, JSON.stringify(entries));
  try {
    return readOrganisations(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
