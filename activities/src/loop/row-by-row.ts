import type { Database, Tx } from '@holdfast/prisma';
import type { Logger } from 'pino';
import type { Poker } from '../operation/poker.ts';

/** What a loop over workspaces stands on. */
export interface LoopContext {
  readonly db: Database;
  readonly poker: Pick<Poker, 'poke'>;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** What became of a row: what it counts as, and whether an operation was asked for. Null: it was left as it is. */
export type RowChange<Name extends string> = { readonly as: Name; readonly poke?: boolean } | null;

/** How long one tick goes on taking rows, in milliseconds: the next tick finds the rest. */
const TICK_LIMIT_MS = 20_000;

/**
 * Changes rows one after the other, each in a transaction of its own, which locks it and looks again. One that fails
 * stops no other. What was asked for is poked after its commit; a lost poke is the dispatcher's.
 * @param names what is counted, so that what did not happen is told as well
 */
export async function rowByRow<Name extends string>(
  { db, poker, log }: LoopContext,
  loop: string,
  ids: readonly string[],
  names: readonly Name[],
  change: (tx: Tx, workspaceId: string) => Promise<RowChange<Name>>,
): Promise<Record<Name | 'failed', number>> {
  const counts = Object.fromEntries([...names, 'failed'].map((name) => [name, 0])) as Record<Name | 'failed', number>;
  const until = Date.now() + TICK_LIMIT_MS;
  for (const workspaceId of ids) {
    if (Date.now() >= until) break;
    try {
      const changed = await db.$transaction((tx) => change(tx, workspaceId));
      if (!changed) continue;
      counts[changed.as] += 1;
      if (changed.poke) await poker.poke(workspaceId).catch(() => undefined);
    } catch (error) {
      counts.failed += 1;
      log.warn({ err: error, loop, workspaceId }, 'a row was not changed; the next tick tries again');
    }
  }
  return counts;
}
