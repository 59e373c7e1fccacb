import { existsSync } from 'node:fs';
import path from 'node:path';
import { StartFailure } from '../failure.ts';
import { root } from '../root.ts';

/** Where the program is kept once found. */
export const cachedProgram = path.join(root, '.tools/bin/temporal');

/**
 * The `temporal` program of the pinned version.
 * @throws StartFailure when it can be had nowhere
 */
export async function findTemporal(): Promise<string> {
  if (existsSync(cachedProgram)) return cachedProgram;
  throw new StartFailure('The Temporal CLI could not be fetched: put `temporal` on PATH or set TEMPORAL_ADDRESS.');
}
