import { Prisma, type Tx } from '@holdfast/prisma';
import { fromSet } from '@holdfast/workflows/workspace/lifecycle';
import { hasOwnBox } from '@holdfast/workflows/workspace/status';
import { Refusal } from '../failure/refusal.ts';
import { hasNoOwner } from '../workspace/open-owner-sql.ts';
import { requestHibernate } from '../workspace/request-hibernate.ts';
import { lockWorkspace } from '../workspace/workspace-row.ts';
import { type LoopContext, rowByRow } from './row-by-row.ts';

const ACTOR = 'loop:hibernation-monitor';
/** Most rows of one tick. */
const BATCH = 500;

/** Without a task, and without a break, for as long as its workspace allows. A beat says that it lives, not that it works. */
const isIdle = Prisma.sql`hibernation_idle_minutes > 0 AND active_tasks = 0
  AND idle_since <= clock_timestamp() - hibernation_idle_minutes * interval '1 minute'`;

/**
 * Puts workspaces to sleep that have been idle for as long as they allow, and takes up hibernations that nobody carries
 * out any more.
 * @param abandonedMs how long after the end of its last operation a workspace may still say that it is falling asleep
 */
export async function hibernateIdle(
  context: LoopContext,
  { abandonedMs }: { abandonedMs: number },
): Promise<{ hibernated: number; resumed: number; failed: number }> {
  const isAbandoned = Prisma.sql`status = 'hibernating' AND ${hasNoOwner} AND coalesce(
    (SELECT max(coalesce(ended_at, accepted_at)) FROM operations o WHERE o.workspace_id = w.id), updated_at)
      <= clock_timestamp() - ${abandonedMs} * interval '1 millisecond'`;
  const idle = await idsOf(
    context,
    Prisma.sql`${isIdle} AND status::text = ANY(${fromSet('hibernateClaim')}::text[]) AND ${hasNoOwner}`,
  );
  const hibernated = await rowByRow(context, 'hibernation-monitor', idle, ['hibernated'], async (tx, id) =>
    (await claim(tx, id, isIdle, {})) ? { as: 'hibernated', poke: true } : null,
  );
  const abandoned = await idsOf(context, isAbandoned);
  const resumed = await rowByRow(context, 'hibernation-monitor', abandoned, ['resumed'], async (tx, id) =>
    (await claim(tx, id, isAbandoned, { abandoned: true })) ? { as: 'resumed', poke: true } : null,
  );
  return { ...hibernated, ...resumed, failed: hibernated.failed + resumed.failed };
}

async function idsOf({ db }: LoopContext, condition: Prisma.Sql): Promise<string[]> {
  const found = await db.$queryRaw<{ id: string; runtime: string }[]>`
    SELECT id, runtime FROM workspaces w WHERE ${condition} ORDER BY idle_since LIMIT ${BATCH}`;
  return found.filter(({ runtime }) => hasOwnBox(runtime)).map(({ id }) => id);
}

/** False when the row has moved on since it was found. */
async function claim(tx: Tx, workspaceId: string, condition: Prisma.Sql, how: { abandoned?: true }): Promise<boolean> {
  await lockWorkspace(tx, workspaceId);
  const [still] = await tx.$queryRaw<
    unknown[]
  >`SELECT 1 FROM workspaces w WHERE id = ${workspaceId}::uuid AND ${condition}`;
  if (!still) return false;
  const reason = how.abandoned ? 'its hibernation was abandoned' : 'idle';
  try {
    await requestHibernate(tx, { workspaceId, force: false, actor: ACTOR, reason, ...how });
    return true;
  } catch (error) {
    // Its guards write nothing: somebody else has it now, or it got a task.
    if (error instanceof Refusal) return false;
    throw error;
  }
}
