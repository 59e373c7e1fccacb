import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { bareEnvironment } from '../../process/bare-environment.ts';
import { root } from '../../root.ts';

const lifeline = path.join(root, 'infra/src/launcher/die-with-launcher.ts');

/** One built service as a process of a test: it may be killed and started again, and ends with the test. */
export class Program {
  readonly log: string;
  private readonly name: string;
  private readonly entry: string;
  private readonly env: Readonly<Record<string, string>>;
  private child: ChildProcess | undefined;

  constructor(
    name: string,
    options: { service: 'gateway' | 'worker'; env: Readonly<Record<string, string>>; logs: string },
  ) {
    this.name = name;
    this.entry = path.join(root, 'services', options.service, 'dist/main.js');
    this.env = options.env;
    mkdirSync(options.logs, { recursive: true });
    this.log = path.join(options.logs, `${name}.log`);
  }

  get isUp(): boolean {
    return this.child !== undefined;
  }

  start(): void {
    if (this.child) return;
    const output = openSync(this.log, 'a', 0o600);
    const child = spawn(process.execPath, ['--import', lifeline, this.entry], {
      cwd: root,
      env: { ...bareEnvironment(), ...this.env },
      stdio: ['ignore', output, output, 'ipc'],
    });
    closeSync(output);
    this.child = child;
    child.once('exit', () => {
      if (this.child === child) this.child = undefined;
    });
  }

  /** Ends it and waits until it is gone; SIGKILL unless told otherwise. */
  async end(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  words(): string {
    return readFileSync(this.log, 'utf8');
  }

  lastWords(): string {
    return `${this.name}: ${this.words().trim().split('\n').slice(-3).join(' ')}`;
  }
}
