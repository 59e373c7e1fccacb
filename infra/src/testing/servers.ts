import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startPostgres } from '../postgres/server.ts';
import { commandOf, processesNaming } from '../process/command-lines.ts';
import { anyFreePort } from '../process/ports.ts';
import { stopProcess } from '../process/stop.ts';
import { findTemporal } from '../temporal/program.ts';
import { startTemporal } from '../temporal/server.ts';

export interface TestServers {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  /** Where its files are, gone after the stop. */
  readonly directory: string;
  stop(): Promise<void>;
}

export interface TestServerOptions {
  /** Keep what is committed, as in production: always own servers, and slower ones. For measuring. */
  readonly durable?: boolean;
}

const PREFIX = 'holdfast-test-';

/**
 * The Postgres and the Temporal server of one test run: those of DATABASE_URL and TEMPORAL_ADDRESS, else fresh ones
 * on free ports.
 */
export async function startTestServers({ durable = false }: TestServerOptions = {}): Promise<TestServers> {
  const directory = await serverDirectory();
  const [postgres, temporal] = await Promise.all([postgresFor(directory, durable), temporalFor(directory, durable)]);
  return {
    directory,
    databaseUrl: postgres.url,
    temporalAddress: temporal.address,
    stop: async () => {
      await Promise.all([postgres.stop(), temporal.stop()]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A new folder for servers of this process. When it is killed, the next one that asks for a folder stops and clears them. */
export async function serverDirectory(): Promise<string> {
  await clearAbandoned();
  const directory = path.join(os.tmpdir(), `${PREFIX}${process.pid}-${Date.now()}`);
  mkdirSync(directory, { mode: 0o755 });
  return directory;
}

const nothing = () => Promise.resolve();

const fast = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

async function postgresFor(directory: string, durable: boolean): Promise<{ url: string; stop(): Promise<void> }> {
  const given = process.env['DATABASE_URL'];
  if (given !== undefined && !durable) return { url: given, stop: nothing };
  const server = await startPostgres({
    directory: path.join(directory, 'postgres'),
    port: await anyFreePort(),
    settings: { ...(durable ? {} : fast), max_connections: '300' },
  });
  return { url: server.url('postgres'), stop: () => server.stop() };
}

async function temporalFor(directory: string, durable: boolean): Promise<{ address: string; stop(): Promise<void> }> {
  const given = process.env['TEMPORAL_ADDRESS'];
  if (given !== undefined && !durable) return { address: given, stop: nothing };
  return await startTemporal({
    program: await findTemporal(),
    directory: path.join(directory, 'temporal'),
    port: await anyFreePort(),
  });
}

/** Stops and removes what test runs left that are no longer alive. */
async function clearAbandoned(): Promise<void> {
  for (const name of readdirSync(os.tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const owner = Number(name.slice(PREFIX.length).split('-')[0]);
    if (Number.isNaN(owner) || commandOf(owner) !== undefined) continue;
    const folder = path.join(os.tmpdir(), name);
    const pids = processesNaming(`${folder}/`).filter((pid) => /start-dev|postgres -D/.test(commandOf(pid) ?? ''));
    await Promise.all(pids.map((pid) => stopProcess(pid, folder, 3_000)));
    rmSync(folder, { recursive: true, force: true });
  }
}
