import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { stopProcess } from '../src/process/stop.ts';
import { root } from '../src/root.ts';

const GRACE_MS = 15_000;
const lifeline = path.join(root, 'infra/src/launcher/die-with-launcher.ts');

export interface ChildOptions {
  readonly name: string;
  /** Arguments of Node. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Folder of its log. */
  readonly logs: string;
  /** Told when it ends without having been asked to. */
  readonly onCrash: (error: Error) => void;
}

/** A Node process that a figure needs: it logs into a file, and ends with the bench however that ends. */
export class Child {
  readonly pid: number;
  private readonly log: string;
  private readonly process: ChildProcess;
  private readonly onCrash: (error: Error) => void;
  private stopping = false;

  constructor({ name, command, env, logs, onCrash }: ChildOptions) {
    this.onCrash = onCrash;
    this.log = path.join(logs, `${name}.log`);
    const output = openSync(this.log, 'a', 0o600);
    const base = { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', ...dockerHost() };
    this.process = spawn(process.execPath, ['--import', lifeline, ...command], {
      cwd: root,
      env: { ...base, ...env },
      stdio: ['ignore', output, output, 'ipc'],
    });
    closeSync(output);
    this.pid = this.process.pid ?? -1;
    this.process.once('exit', (code, signal) => {
      if (!this.stopping) onCrash(new Error(`the ${name} ended (${signal ?? code}): ${this.lastWords()}`));
    });
  }

  /** The next thing it sends. */
  async message<T>(): Promise<T> {
    const [message] = (await once(this.process, 'message', { signal: AbortSignal.timeout(GRACE_MS) })) as [T];
    return message;
  }

  /** What it says makes the whole run worthless. */
  fail(error: Error): void {
    this.onCrash(error);
  }

  /** Hears what it sends from now on. */
  onMessage(listener: (message: never) => void): void {
    this.process.on('message', listener as (message: unknown) => void);
  }

  send(message: object): void {
    this.process.send(message);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await stopProcess(this.pid, lifeline, GRACE_MS);
  }

  private lastWords(): string {
    const lines = readFileSync(this.log, 'utf8').trim().split('\n');
    return lines.slice(-5).join(' ') || 'it gave no reason';
  }
}

/** The engine of the user's choice is the workers' as well. */
const dockerHost = (): Record<string, string> => {
  const { DOCKER_HOST } = process.env;
  return DOCKER_HOST === undefined ? {} : { DOCKER_HOST };
};
