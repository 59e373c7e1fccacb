import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { StartFailure } from '../failure.ts';
import { commandOf, processesNaming } from '../process/command-lines.ts';
import { listensOn } from '../process/listening.ts';
import { stopProcess } from '../process/stop.ts';
import { waitFor } from '../process/wait-for.ts';
import { namespacesAnswer } from './namespaces.ts';
import { serverArguments } from './settings.ts';

export interface TemporalOptions {
  /** The `temporal` program. */
  readonly program: string;
  /** An absolute folder for the log and the database. */
  readonly directory: string;
  readonly port: number;
  /** The Web UI's port; none without. */
  readonly uiPort?: number;
}

export interface TemporalServer {
  readonly address: string;
  readonly uiPort: number | undefined;
  /** False when the server was already up, left by an earlier launcher. */
  readonly started: boolean;
  stop(): Promise<void>;
}

/** SIGTERM takes it a second or two. */
const GRACE_MS = 5_000;
const START_LIMIT_MS = 30_000;
/** Database files are not promised to fit another version of the server. */
const DATABASE_FILE = 'temporal-1.9.1.db';

/**
 * Starts a Temporal development server on loopback, or takes over the one that serves this folder already. It is
 * detached: it outlives a killed launcher and is found again by the database file on its command line.
 * @throws StartFailure when it cannot be started
 */
export async function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  mkdirSync(options.directory, { recursive: true });
  const file = path.join(options.directory, DATABASE_FILE);
  const running = runningServer(file);
  if (running !== undefined) {
    await namespacesAnswer(running.address, START_LIMIT_MS);
    return running;
  }
  const log = path.join(options.directory, 'temporal.log');
  const args = serverArguments({ port: options.port, uiPort: options.uiPort, file });
  const pid = await launch(options.program, args, log);
  const address = `127.0.0.1:${options.port}`;
  try {
    await waitFor(() => commandOf(pid) === undefined || listensOn(pid, options.port), { timeoutMs: START_LIMIT_MS });
    await namespacesAnswer(address, START_LIMIT_MS, () => commandOf(pid) === undefined);
  } catch (error) {
    await stopProcess(pid, file, GRACE_MS);
    throw new StartFailure(`Temporal did not start: ${firstLine(log)} (log: ${log}).`, { cause: error });
  }
  return { address, uiPort: options.uiPort, started: true, stop: () => stopProcess(pid, file, GRACE_MS) };
}

function launch(program: string, args: string[], log: string): Promise<number> {
  const output = openSync(log, 'w');
  const child = spawn(program, args, { detached: true, stdio: ['ignore', output, output] });
  closeSync(output);
  child.unref();
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new StartFailure(`Temporal did not start: ${error.message}.`)));
    child.once('spawn', () => {
      if (child.pid !== undefined) resolve(child.pid);
    });
  });
}

function runningServer(file: string): TemporalServer | undefined {
  const pid = processesNaming('server start-dev', `--db-filename ${file} `)[0];
  const command = pid === undefined ? undefined : commandOf(pid);
  if (pid === undefined || command === undefined) return undefined;
  const uiPort = /--ui-port (\d+)/.exec(command)?.[1];
  return {
    address: `127.0.0.1:${/--port (\d+)/.exec(command)?.[1]}`,
    uiPort: uiPort === undefined ? undefined : Number(uiPort),
    started: false,
    stop: () => stopProcess(pid, file, GRACE_MS),
  };
}

const firstLine = (log: string): string => {
  const lines = readFileSync(log, 'utf8').split('\n');
  const telling = lines.find((line) => /error|unable|failed/i.test(line)) ?? lines[0] ?? '';
  return telling.trim().replace(/\.$/, '') || 'the program gave no reason';
};
