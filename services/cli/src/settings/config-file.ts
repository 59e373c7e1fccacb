import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { gatewayUrl } from '../config.ts';
import { usage } from '../failure/failure.ts';

/** What a configuration file may say. */
const ConfigFile = z.strictObject({
  url: gatewayUrl.optional(),
  token: z.string().min(1).optional(),
  token_file: z.string().min(1).optional(),
  org_id: z.string().min(1).optional(),
});
export type ConfigFile = z.output<typeof ConfigFile>;

/** Where the configuration file is unless told otherwise. */
export const usualConfigPath = (configHome: string | undefined): string =>
  path.join(configHome ?? path.join(os.homedir(), '.config'), 'holdfast', 'config.yaml');

/**
 * Reads a configuration file.
 * @param asked somebody named the file, so that it must exist
 * @throws Failure when it cannot be read, or says something else than url, token, token_file, org_id
 */
export function readConfigFile(file: string, asked: boolean): ConfigFile {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (!asked && (error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw usage(`The configuration file ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  const read = ConfigFile.safeParse(parsed(text, file) ?? {});
  if (read.success) return read.data;
  const mistakes = read.error.issues.map(({ path: where, message }) =>
    where.length > 0 ? `${where.join('.')}: ${message}` : message,
  );
  throw usage(
    `The configuration file ${file} is not valid: ${mistakes.join('; ')}.`,
    'Keep only url, token, token_file and org_id in it.',
  );
}

function parsed(text: string, file: string): unknown {
  try {
    return parse(text, { logLevel: 'error' });
  } catch {
    // The parser's message quotes the line, and the line may hold the token.
    throw usage(`The configuration file ${file} is no YAML.`);
  }
}
