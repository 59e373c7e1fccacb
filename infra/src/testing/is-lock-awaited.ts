import type { Tx } from '@holdfast/prisma';

/** Whether anybody waits for a lock in this database. */
export async function isLockAwaited(db: Pick<Tx, '$queryRaw'>): Promise<boolean> {
  const [{ count }] = await db.$queryRaw<[{ count: bigint }]>`
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  return count > 0n;
}
