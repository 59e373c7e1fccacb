import { Prisma, type Tx } from '@holdfast/prisma';
import { fromSet } from '@holdfast/workflows/workspace/lifecycle';
import { externalRuntimes, isExternal } from '@holdfast/workflows/workspace/status';
import { tellAgentLost } from '../workspace/agent-lost.ts';
import { lockUnderAncestors } from '../workspace/guards.ts';
import { changeStatus } from '../workspace/status-change.ts';
import { type LoopContext, rowByRow } from './row-by-row.ts';

/** How long an external agent may be silent unless somebody says otherwise, in seconds. */
const STALE_AFTER_SECONDS = 90;

/** What an operator has set, in seconds; what is no positive whole number counts as not set, which the log says. */
export function staleAfterSeconds(set: string, log: LoopContext['log']): number {
  const seconds = /^\d{1,9}$/.test(set.trim()) ? Number(set) : 0;
  if (seconds > 0) return seconds;
  log.warn(
    { variable: 'REMOTE_LIVENESS_STALE_AFTER', seconds: STALE_AFTER_SECONDS },
    'not a positive number of seconds: the default counts',
  );
  return STALE_AFTER_SECONDS;
}

/** Most rows of one tick; the next one is near. */
const BATCH = 1_000;

/**
 * Notes which agents that somebody else runs have been silent for too long. One that never beat has its time from the
 * last change of its row on. Whether it is called or polls makes no difference.
 * @param staleAfterSeconds how long such an agent may be silent
 */
export async function expireExternalLiveness(
  context: LoopContext,
  staleAfterSeconds: number,
): Promise<{ awaitingAgent: number; failed: number }> {
  const isStale = Prisma.sql`coalesce(last_heartbeat_at, updated_at) < clock_timestamp() - ${staleAfterSeconds} * interval '1 second'`;
  const stale = await context.db.$queryRaw<{ id: string }[]>`
    SELECT id FROM workspaces
    WHERE runtime = ANY(${externalRuntimes}::text[]) AND status::text = ANY(${fromSet('externalStale')}::text[]) AND ${isStale}
    ORDER BY id LIMIT ${BATCH}`;
  const ids = stale.map(({ id }) => id);
  return rowByRow(context, 'remote-liveness', ids, ['awaitingAgent'], async (tx, id) =>
    (await expire(tx, id, isStale)) ? { as: 'awaitingAgent' } : null,
  );
}

async function expire(tx: Tx, workspaceId: string, isStale: Prisma.Sql): Promise<boolean> {
  const workspace = await lockUnderAncestors(tx, workspaceId);
  if (!workspace || !isExternal(workspace.runtime)) return false;
  const [still] = await tx.$queryRaw<
    unknown[]
  >`SELECT 1 FROM workspaces WHERE id = ${workspaceId}::uuid AND ${isStale}`;
  const cleared = Prisma.sql`, internal_url = NULL, liveness_expires_at = NULL`;
  if (!still || !(await changeStatus(tx, workspaceId, 'externalStale', cleared))) return false;
  await tellAgentLost(tx, { workspaceId, actor: 'loop:remote-liveness', reason: 'its agent was silent for too long' });
  return true;
}
