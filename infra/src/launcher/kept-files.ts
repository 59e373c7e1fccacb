import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * What a file says, made on the first call and kept. Of two that make it at once one wins, and both get its content.
 * @param mode permissions of the file; its folder is only as open as it is itself
 */
export function keptFile(file: string, mode: number, make: () => string): string {
  const folder = path.dirname(file);
  mkdirSync(folder, { recursive: true });
  if ((mode & 0o077) === 0) chmodSync(folder, 0o700);
  const partial = `${file}.${process.pid}`;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  writeFileSync(partial, `${make()}\n`, { mode });
  try {
    linkSync(partial, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(partial);
  }
  return readFileSync(file, 'utf8').trim();
}
