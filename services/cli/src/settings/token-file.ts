import { readFileSync, statSync } from 'node:fs';
import { usage } from '../failure/failure.ts';

/**
 * The credential in a file: its first line.
 * @throws Failure when it cannot be read or is empty
 */
export function readTokenFile(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw usage(`The token file ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  const token = text.split(/\r?\n/, 1)[0]?.trim() ?? '';
  if (token === '') throw usage(`The token file ${file} is empty.`);
  return token;
}

const OTHERS_MAY_READ = 0o044;

/** Others on this machine can read the file. */
export function isReadableByOthers(file: string): boolean {
  if (process.platform === 'win32') return false;
  try {
    return (statSync(file).mode & OTHERS_MAY_READ) !== 0;
  } catch {
    return false;
  }
}
