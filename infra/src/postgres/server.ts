import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { StartFailure } from '../failure.ts';
import { commandOf } from '../process/command-lines.ts';
import { run } from '../process/run.ts';
import { type PostgresBinaries, postgresBinaries } from './binaries.ts';

export interface PostgresOptions {
  /** An absolute folder that the server's user can enter; made when missing. */
  readonly directory: string;
  readonly port: number;
  /** Settings beyond the defaults, such as `fsync: 'off'` for tests. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface PostgresServer {
  readonly port: number;
  /** False when the server was already up, left by an earlier launcher. */
  readonly started: boolean;
  url(database: string): string;
  stop(): Promise<void>;
}

/**
 * Starts Postgres on loopback, or takes over the one that already serves this folder. The server is detached: it
 * outlives a killed launcher and is found again through its folder.
 * @throws StartFailure when it cannot be started
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const binaries = await postgresBinaries();
  const data = path.join(options.directory, 'data');
  prepareFolder(options.directory, binaries);
  if (!existsSync(path.join(data, 'PG_VERSION'))) await initialise(data, binaries);
  const running = runningPort(data);
  if (running !== undefined) return server(running, false, data, binaries);
  await start(data, options, binaries);
  return server(options.port, true, data, binaries);
}

/** The port of the server that runs on this data folder, if one does. A lock file left by a crash is removed. */
function runningPort(data: string): number | undefined {
  const lock = path.join(data, 'postmaster.pid');
  if (!existsSync(lock)) return undefined;
  const lines = readFileSync(lock, 'utf8').split('\n');
  if (commandOf(Number(lines[0]))?.includes(data) === true) return Number(lines[3]);
  // Postgres would take any live process that got this pid for itself and refuse to start.
  rmSync(lock, { force: true });
  return undefined;
}

function server(port: number, started: boolean, data: string, binaries: PostgresBinaries): PostgresServer {
  return {
    port,
    started,
    url: (database) => `postgresql://postgres@127.0.0.1:${port}/${database}`,
    stop: async () => {
      // "fast" ends open sessions instead of waiting for them.
      await pg(binaries.pgCtl, ['-D', data, '-m', 'fast', '-w', 'stop'], binaries);
    },
  };
}

function prepareFolder(directory: string, { uid }: PostgresBinaries): void {
  mkdirSync(directory, { recursive: true });
  if (uid !== undefined) chownSync(directory, uid, uid);
}

async function initialise(data: string, binaries: PostgresBinaries): Promise<void> {
  rmSync(data, { recursive: true, force: true }); // what an interrupted first start left
  const args = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  const { code, output } = await pg(binaries.initdb, args, binaries);
  if (code !== 0) throw new StartFailure(`Postgres could not make its data folder ${data}: ${lastLine(output)}.`);
}

async function start(data: string, options: PostgresOptions, binaries: PostgresBinaries): Promise<void> {
  const log = path.join(options.directory, 'postgres.log');
  writeFileSync(log, '');
  if (binaries.uid !== undefined) chownSync(log, binaries.uid, binaries.uid);
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: "''", ...options.settings };
  const flags = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  const args = ['-D', data, '-l', log, '-o', `-p ${options.port} ${flags.join(' ')}`, '-w', 'start'];
  const { code } = await pg(binaries.pgCtl, args, binaries, 'ignore');
  if (code !== 0)
    throw new StartFailure(`Postgres did not start: ${reasonIn(readFileSync(log, 'utf8'))} (log: ${log}).`);
}

const pg = (program: string, args: string[], { uid }: PostgresBinaries, stdio?: 'ignore') =>
  // The server inherits what pg_ctl has: a pipe would stay open for as long as the server lives.
  run(program, args, { cwd: '/', ...(uid !== undefined && { uid, gid: uid }), ...(stdio && { stdio }) });

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim() ?? '';

/** What the server said it died of. */
const reasonIn = (log: string): string => /FATAL: +(.*)/.exec(log)?.[1] ?? lastLine(log);
