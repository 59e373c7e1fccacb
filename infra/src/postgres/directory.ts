import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { run } from '../process/run.ts';
import { postgresUid, sharedFolder } from './binaries.ts';

/**
 * Where Postgres keeps its data: the wanted folder, unless the user it must run as cannot enter it (root's checkout
 * under a private home); then one outside, the same for this folder every time.
 */
export async function postgresDirectory(wanted: string): Promise<string> {
  const uid = postgresUid();
  mkdirSync(wanted, { recursive: true });
  if (uid === undefined) return wanted;
  const entered = await run('/bin/sh', ['-c', 'cd "$1"', 'sh', wanted], { uid, gid: uid, cwd: '/' });
  if (entered.code === 0) return wanted;
  const name = createHash('sha256').update(wanted).digest('hex').slice(0, 16);
  return path.join(sharedFolder(), `data-${name}`);
}
