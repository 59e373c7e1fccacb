import { type SpawnOptions, spawn } from 'node:child_process';

export interface Ran {
  /** Null when a signal ended it or it could not be started. */
  readonly code: number | null;
  /** Standard output and error, in the order they came. */
  readonly output: string;
}

/**
 * Runs a program to its end and gathers what it says; never throws for a bad exit. One that leaves a server behind needs
 * `stdio: 'ignore'`: the server would keep the pipes open.
 */
export function run(program: string, args: readonly string[], options: SpawnOptions = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', (error) => resolve({ code: null, output: `${output}${error.message}` }));
    child.once('close', (code) => resolve({ code, output }));
  });
}
