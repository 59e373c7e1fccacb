import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { World } from '../command/session.ts';
import { usage } from '../failure/failure.ts';
import { printable } from '../terminal/text.ts';

/** Without its last line end, which an editor or "echo" adds. */
const withoutLineEnd = (text: string): string => text.replace(/\r?\n$/, '');

/**
 * The value of a secret, from where no process list shows it: a file, standard input, or the person at the terminal.
 * @throws Failure when it is empty or cannot be read
 */
export async function secretValue(world: World, key: string, file: string | undefined): Promise<string> {
  const value = withoutLineEnd(await rawValue(world, key, file));
  if (value === '')
    throw usage(
      `The value of ${printable(key)} is empty.`,
      `holdfast secret delete ${printable(key)} removes a secret`,
    );
  return value;
}

async function rawValue(world: World, key: string, file: string | undefined): Promise<string> {
  if (file !== undefined && file !== '-') return fileText(file);
  if (file === undefined && world.terminal.interactive) return world.prompt.secret(`Value of ${printable(key)}`);
  return world.terminal.readInput();
}

/** The ways to give secrets to a command. */
export interface SecretSources {
  /** `KEY=VALUE`, or `KEY` alone to be asked for the value. */
  readonly secret?: readonly string[];
  /** Files of `KEY=VALUE` lines; `-` is standard input. */
  readonly secretFile?: readonly string[];
}

/**
 * Gathers secrets from all sources; a later one of the same name wins, and single ones win over files.
 * @throws Failure when one is unreadable, or when two want standard input
 */
export async function gatherSecrets(
  world: World,
  { secret = [], secretFile = [] }: SecretSources,
): Promise<Record<string, string>> {
  const asked = secret.filter((one) => !one.includes('='));
  const readers = secretFile.filter((file) => file === '-').length + (world.terminal.interactive ? 0 : asked.length);
  if (readers > 1)
    throw usage(
      'Standard input can give one secret, or one file of them.',
      'use --secret-file with a file for the others',
    );
  const found: Record<string, string> = {};
  for (const file of secretFile) Object.assign(found, await fileSecrets(world, file));
  for (const one of secret) {
    const at = one.indexOf('=');
    const key = at < 0 ? one : one.slice(0, at);
    if (key === '') throw usage('A secret needs a name: --secret KEY=VALUE.');
    found[key] = at < 0 ? await secretValue(world, key, undefined) : one.slice(at + 1);
  }
  return found;
}

async function fileSecrets(world: World, file: string): Promise<Record<string, string>> {
  const text = file === '-' ? await world.terminal.readInput() : fileText(file);
  const found = Object.entries(parseEnv(text)).filter((pair): pair is [string, string] => pair[1] !== undefined);
  if (found.length === 0) throw usage(`There is no KEY=VALUE line in ${file === '-' ? 'standard input' : file}.`);
  return Object.fromEntries(found);
}

function fileText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw usage(`The file ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}
