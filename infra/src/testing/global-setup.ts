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

/** Starts one Postgres and one Temporal server for all the files of a test run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const engine = await findEngine('auto');
  if (engine === undefined && process.env['CI'] === 'true') throw new Error('CI needs a Docker engine: none answers');
  const servers = await startTestServers();
  project.provide('dockerEngine', engine !== undefined);
  const databasePrefix = `holdfast_test_${process.pid}_`;
  project.provide('databaseUrl', servers.databaseUrl);
  project.provide('databaseTemplate', await ensureTemplate(servers.databaseUrl));
  project.provide('databasePrefix', databasePrefix);
  project.provide('temporalAddress', servers.temporalAddress);
  return async () => {
    await dropDatabases(servers.databaseUrl, databasePrefix);
    await servers.stop();
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
