import type { TestProject } from 'vitest/node';
import { findEngine } from '../launcher/engine.ts';
import { startTestServers } from './servers.ts';
import { asAdmin, ensureTemplate } from './template.ts';

declare module 'vitest' {
  interface ProvidedContext {
    databaseUrl: string;
    /** Name of the migrated database to clone. */
    databaseTemplate: string;
    /** Begins the name of every database of this run. */
    databasePrefix: string;
    temporalAddress: string;
    /** Whether a Docker engine answers; in CI it must. */
    dockerEngine: boolean;
  }
}

interface Servers {
  readonly provided: { databaseUrl: string; databaseTemplate: string; databasePrefix: string; temporalAddress: string };
  stop(): Promise<void>;
}

/** The tiers of a run share their servers. Vitest loads this file once for each of them, in one process. */
const shared = globalThis as { holdfastTestServers?: { users: number; servers: Promise<Servers> } };

/** Starts one Postgres and one Temporal server for all the files of a test run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const engine = await findEngine('auto');
  if (engine === undefined && process.env['CI'] === 'true') throw new Error('CI needs a Docker engine: none answers');
  const use = (shared.holdfastTestServers ??= { users: 0, servers: start() });
  use.users += 1;
  const { provided, stop } = await use.servers;
  project.provide('dockerEngine', engine !== undefined);
  for (const [name, value] of Object.entries(provided)) project.provide(name as keyof Servers['provided'], value);
  return async () => {
    use.users -= 1;
    if (use.users > 0) return;
    delete shared.holdfastTestServers;
    await stop();
  };
}

async function start(): Promise<Servers> {
  const { databaseUrl, temporalAddress, stop } = await startTestServers();
  const databasePrefix = `holdfast_test_${process.pid}_`;
  const databaseTemplate = await ensureTemplate(databaseUrl);
  return {
    provided: { databaseUrl, databaseTemplate, databasePrefix, temporalAddress },
    async stop() {
      await dropDatabases(databaseUrl, databasePrefix);
      await stop();
    },
  };
}

async function dropDatabases(url: string, prefix: string): Promise<void> {
  await asAdmin(url, async (client) => {
    const found = await client.query<{ datname: string }>(
      'SELECT datname FROM pg_database WHERE starts_with(datname, $1)',
      [prefix],
    );
    for (const { datname } of found.rows) await client.query(`DROP DATABASE IF EXISTS "${datname}" WITH (FORCE)`);
  });
}
