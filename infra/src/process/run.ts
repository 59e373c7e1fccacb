import { type SpawnOptions, spawn } from 'node:child_process';

export interface Ran {
  /** Null when a signal ended it or it could not be started. */
  readonly code: number | null;
  /** Standard output and error, in the order they came. */
  readonly output: string;
}

/** Runs a program to its end and gathers what it says; never throws for a bad exit. */
export function run(program: string, args: readonly string[], options: SpawnOptions = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', (error) => resolve({ code: null, output: `${output}${error.message}` }));
    // "exit", not "close": a server that the program left behind may keep a pipe open.
    child.once('exit', (code) => setImmediate(() => resolve({ code, output })));
  });
}
