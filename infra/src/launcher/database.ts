import path from 'node:path';
import { ensureDatabase } from '@holdfast/prisma/migration/databases';
import { applyMigrations } from '@holdfast/prisma/migration/migrations';
import { StartFailure } from '../failure.ts';
import { postgresDirectory } from '../postgres/directory.ts';
import { startPostgres } from '../postgres/server.ts';
import type { LauncherConfig } from './config.ts';
import type { Ports } from './ports.ts';

export interface RunningDatabase {
  readonly url: string;
  /** Stops it when it is ours; leaves another's alone. */
  stop(): Promise<void>;
}

/**
 * The database: the user's own, else an embedded server whose data is kept.
 * @throws StartFailure when it cannot be had
 */
export async function openPostgres(config: LauncherConfig, ports: Ports): Promise<RunningDatabase> {
  if (config.databaseUrl !== undefined) return { url: config.databaseUrl, stop: async () => undefined };
  const directory = await postgresDirectory(path.join(config.data, 'postgres'));
  const server = await ports.startOn('postgres', (port) => startPostgres({ directory, port }));
  ports.keep('postgres', server.port);
  return { url: server.url('holdfast'), stop: () => server.stop() };
}

/**
 * Brings the database up to the schema.
 * @throws StartFailure when it does not answer or refuses
 */
export async function migrate(url: string): Promise<readonly string[]> {
  try {
    await ensureDatabase(url);
    return await applyMigrations(url);
  } catch (error) {
    const { hostname, port, pathname } = new URL(url);
    const { code, message } = error as NodeJS.ErrnoException;
    throw new StartFailure(
      `Postgres at ${hostname}:${port || 5432}${pathname} cannot be used (${code ?? message.split('\n')[0]}): ` +
        'start it and check DATABASE_URL, or leave DATABASE_URL out for an embedded one.',
      { cause: error },
    );
  }
}
