import type { Database } from '@holdfast/prisma';

/**
 * Notes that a loop has ticked: what `GET /admin/liveness` reads.
 * @param periodMs how often it ticks; a loop is stale after twice that
 */
export async function recordTick(
  db: Database,
  name: string,
  periodMs: number,
  detail: Record<string, unknown> = {},
): Promise<void> {
  const lastTickAt = new Date();
  await db.loop.upsert({
    where: { name },
    create: { name, periodMs, lastTickAt, detail: detail as object },
    update: { periodMs, lastTickAt, detail: detail as object },
  });
}
