import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { bareEnvironment } from '../process/bare-environment.ts';
import { root } from '../root.ts';

export interface HoldfastOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** Told each line it prints, when it prints it. */
  readonly tell: (line: string) => void;
}

/** Runs the command line as a person would, and tells what it says. */
export async function holdfast(
  words: readonly string[],
  { environment, tell }: HoldfastOptions,
): Promise<number | null> {
  const child = spawn(path.join(root, 'bin/holdfast'), words, {
    env: { ...bareEnvironment(), XDG_CONFIG_HOME: '/nowhere', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve(code));
  });
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', tell);
  return await closed;
}

/** A command as it is typed. */
export const typed = (words: readonly string[]): string =>
  ['holdfast', ...words].map((word) => (/^[\w./:=@-]+$/.test(word) ? word : `'${word}'`)).join(' ');
