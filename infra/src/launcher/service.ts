import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { StartFailure } from '../failure.ts';
import { root } from '../root.ts';
import { waitFor } from '../process/wait-for.ts';

export interface ServiceOptions {
  /** Its folder under `services`. */
  readonly name: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder of its log. */
  readonly logs: string;
  /** Told when it ends without having been asked to. */
  readonly onCrash: (name: string, log: string) => void;
}

const GRACE_MS = 15_000;
const RESTART_MS = 1_000;
const lifeline = path.join(import.meta.dirname, 'die-with-launcher.ts');

/** A Node process of ours: kept up, stopped on request, and never outliving the launcher. */
export class Service {
  readonly log: string;
  private readonly options: ServiceOptions;
  private child: ChildProcess | undefined;
  private stopping = false;
  private isUp = false;

  constructor(options: ServiceOptions) {
    this.options = options;
    this.log = path.join(options.logs, `${options.name}.log`);
  }

  /**
   * Starts it and waits until `isReady` holds.
   * @throws StartFailure with its last words when it ends before that
   */
  async start(isReady: () => Promise<boolean>, limitMs: number): Promise<void> {
    mkdirSync(this.options.logs, { recursive: true });
    this.spawn('w');
    const what = `${this.options.name} to answer`;
    const outcome = await waitFor(async () => (this.child === undefined ? 'ended' : (await isReady()) && 'ready'), {
      timeoutMs: limitMs,
      everyMs: 100,
      what,
    }).catch(() => 'silent');
    if (outcome === 'ready') {
      this.isUp = true;
      return;
    }
    await this.stop();
    throw new StartFailure(`The ${this.options.name} did not start: ${this.lastWords()} (log: ${this.log}).`);
  }

  /** Asks it to end, waits, forces it at last. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.end();
  }

  /** Ends it and starts what has been built since. */
  async restart(): Promise<void> {
    this.isUp = false;
    await this.end();
    if (this.stopping) return;
    this.spawn('a');
    this.isUp = true;
  }

  private async end(): Promise<void> {
    const { child } = this;
    if (child === undefined) return;
    child.kill('SIGTERM');
    const gone = () => child.exitCode !== null || child.signalCode !== null;
    await waitFor(gone, { timeoutMs: GRACE_MS }).catch(() => child.kill('SIGKILL'));
    await waitFor(gone, { what: `the end of the ${this.options.name}` });
  }

  private spawn(flag: 'w' | 'a'): void {
    const output = openSync(this.log, flag, 0o600);
    // In a group of its own: Ctrl-C is for the launcher, which stops everything in order.
    const folder = path.join(root, 'services', this.options.name);
    const child = spawn(process.execPath, ['--import', lifeline, path.join(folder, 'dist/main.js')], {
      cwd: folder,
      env: this.options.env,
      detached: true,
      stdio: ['ignore', output, output, 'ipc'],
    });
    closeSync(output);
    this.child = child;
    child.once('exit', () => {
      this.child = undefined;
      if (this.stopping || !this.isUp) return;
      this.options.onCrash(this.options.name, this.log);
      setTimeout(() => !this.stopping && this.spawn('a'), RESTART_MS);
    });
  }

  /** What it said last in plain words; what it logged, when it said nothing else. */
  private lastWords(): string {
    const lines = readFileSync(this.log, 'utf8').trim().split('\n');
    const plain = lines.filter((line) => line.trim() !== '' && !/^(\{|\s+at |Node\.js v|\(Use `node)/.test(line));
    const words = plain.length > 0 ? plain.slice(-3) : lines.slice(-1);
    return words.join(' ').trim().replace(/\.$/, '') || 'it gave no reason';
  }
}
