import type { Cipher } from '@holdfast/activities/secret/cipher';
import type { Database } from '../database/database.ts';
import { nonceDigest } from './nonce.ts';
import type { BootPackage } from './package.ts';

/**
 * Hands a box what it is to be, once: the package and the right to fetch it go in the same statement.
 * @returns null for a wrong nonce, a used one, and a box that is to end: all the same to whoever asks
 */
export async function fetchPackage(
  db: Database,
  cipher: Cipher,
  boxId: string,
  nonce: string,
): Promise<BootPackage | null> {
  // The row is read before it is written: a statement returns what it has made of a column, not what was there.
  const [found] = await db.rows<{ environment: Buffer }>(
    `WITH box AS (
       SELECT org_id, box_id, environment FROM control_plane.instances
       WHERE box_id = $1 AND nonce_digest = $2 AND environment IS NOT NULL AND fetched_at IS NULL
         AND state IN ('creating', 'running')
       FOR UPDATE
     )
     UPDATE control_plane.instances i SET environment = NULL, fetched_at = now() FROM box
     WHERE i.org_id = box.org_id AND i.box_id = box.box_id
     RETURNING box.environment`,
    [boxId, nonceDigest(nonce)],
  );
  return found ? (JSON.parse(cipher.open(found.environment)) as BootPackage) : null;
}

/**
 * Notes that a box says itself that it cannot boot; the watcher tells the platform.
 * @returns false when nobody waits for that box any more
 */
export async function noteBootFailure(
  db: Database,
  cipher: Cipher,
  boxId: string,
  nonce: string,
  log: string,
): Promise<boolean> {
  const noted = await db.rows(
    `UPDATE control_plane.instances
     SET watch = 'crashed', crash_error = 'the machine reported that it cannot boot', crash_log = $3, next_watch_at = now()
     WHERE box_id = $1 AND nonce_digest = $2 AND state IN ('creating', 'running') AND watch = 'booting'
     RETURNING box_id`,
    [boxId, nonceDigest(nonce), cipher.seal(log)],
  );
  return noted.length > 0;
}
