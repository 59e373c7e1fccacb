import type { Database } from '@holdfast/prisma';

/**
 * Notes that a loop has ticked: what `GET /admin/liveness` reads.
 * @param periodMs how often it ticks; a loop is stale after twice that
 */
export async function recordTick(db: Database, name: string, periodMs: number, detail: object = {}): Promise<void> {
  // By the database's clock: whoever asks how long ago it was is another machine.
  await db.$executeRaw`
    INSERT INTO loops (name, period_ms, last_tick_at, detail)
    VALUES (${name}, ${periodMs}, clock_timestamp(), ${JSON.stringify(detail)}::jsonb)
    ON CONFLICT (name) DO UPDATE
    SET period_ms = EXCLUDED.period_ms, last_tick_at = EXCLUDED.last_tick_at, detail = EXCLUDED.detail`;
}

/** Forgets loops that tick no more: what is switched off is not late. */
export async function forgetLoops(db: Database, names: readonly string[]): Promise<void> {
  await db.loop.deleteMany({ where: { name: { in: [...names] } } });
}
