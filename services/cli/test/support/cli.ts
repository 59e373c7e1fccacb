import { spawn } from 'node:child_process';
import { bareEnvironment } from '@holdfast/infra/process/bare-environment';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  /** What it has printed so far. */
  out(): string;
  stop(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

export interface CliOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The built program as somebody runs it, in an environment with nothing of this machine. */
export class Cli {
  private readonly env: Readonly<Record<string, string>>;

  constructor(gateway: string, token: string) {
    this.env = { ...bareEnvironment(), XDG_CONFIG_HOME: '/nowhere', HOLDFAST_URL: gateway, HOLDFAST_TOKEN: token };
  }

  start(words: string, { input = '', env = {} }: CliOptions = {}): Running {
    const child = spawn(process.execPath, [program, ...words.split(' ')], {
      env: { ...this.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (out += part));
    child.stderr.setEncoding('utf8').on('data', (part: string) => (err += part));
    child.stdin.end(input);
    const ended = new Promise<Ended>((resolve, reject) => {
      child.on('error', reject).on('close', (code) => resolve({ code, out, err }));
    });
    return { out: () => out, stop: (signal) => void child.kill(signal), ended };
  }

  run(words: string, options?: CliOptions): Promise<Ended> {
    return this.start(words, options).ended;
  }

  /**
   * The document a command prints with `--json`.
   * @throws when it does not end well
   */
  async json<T>(words: string, options?: CliOptions): Promise<T> {
    const { code, out, err } = await this.run(`${words} --json`, options);
    if (code !== 0 || err !== '') throw new Error(`"${words}" ended with ${code}: ${err}`);
    return JSON.parse(out) as T;
  }

  /**
   * The one line a command prints with `--quiet`.
   * @throws when it does not end well
   */
  async id(words: string, options?: CliOptions): Promise<string> {
    const { code, out, err } = await this.run(`${words} --quiet`, options);
    if (code !== 0 || err !== '') throw new Error(`"${words}" ended with ${code}: ${err}`);
    return out.trim();
  }
}
