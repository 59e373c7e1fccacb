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
  stop(): Promise<void>;
}

const PREFIX = 'holdfast-test-';

/**
 * The Postgres and the Temporal server of one test run: those of DATABASE_URL and TEMPORAL_ADDRESS, else fresh ones
 * on free ports. What a killed run left behind is cleared first.
 */
export async function startTestServers(): Promise<TestServers> {
  await clearAbandoned();
  const directory = path.join(os.tmpdir(), `${PREFIX}${process.pid}-${Date.now()}`);
  mkdirSync(directory, { mode: 0o755 });
  const [postgres, temporal] = await Promise.all([postgresFor(directory), temporalFor(directory)]);
  return {
    databaseUrl: postgres.url,
    temporalAddress: temporal.address,
    stop: async () => {
      await Promise.all([postgres.stop(), temporal.stop()]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const nothing = () => Promise.resolve();

async function postgresFor(directory: string): Promise<{ url: string; stop(): Promise<void> }> {
  const given = process.env['DATABASE_URL'];
  if (given !== undefined) return { url: given, stop: nothing };
  const server = await startPostgres({
    directory: path.join(directory, 'postgres'),
    port: await anyFreePort(),
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' },
  });
  return { url: server.url('postgres'), stop: () => server.stop() };
}

async function temporalFor(directory: string): Promise<{ address: string; stop(): Promise<void> }> {
  const given = process.env['TEMPORAL_ADDRESS'];
  if (given !== undefined) return { address: given, stop: nothing };
  return await startTemporal({
    program: await findTemporal(),
    directory: path.join(directory, 'temporal'),
    port: await anyFreePort(),
    // On disk, because the path on its command line is how an abandoned one is found; the folder is a temporary one.
    onDisk: true,
  });
}

/** Stops and removes what test runs left that are no longer alive. */
async function clearAbandoned(): Promise<void> {
  for (const name of readdirSync(os.tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const owner = Number(name.slice(PREFIX.length).split('-')[0]);
    if (Number.isNaN(owner) || commandOf(owner) !== undefined) continue;
    const folder = path.join(os.tmpdir(), name);
    const pids = processesNaming(`${folder}/`).filter((pid) => /start-dev|postgres -D/.test(commandOf(pid) ?? ''));
    await Promise.all(pids.map((pid) => stopProcess(pid, 3_000)));
    rmSync(folder, { recursive: true, force: true });
  }
}
