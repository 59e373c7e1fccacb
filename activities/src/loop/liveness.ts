import { Prisma, type Tx } from '@holdfast/prisma';
import { tellAgentLost } from '../workspace/agent-lost.ts';
import { lockUnderAncestors } from '../workspace/guards.ts';
import { changeStatusByRuntime, isInFromSet } from '../workspace/status-change.ts';
import { type LoopContext, rowByRow } from './row-by-row.ts';

const changes = { own: 'livenessExpired', external: 'externalLivenessExpired' } as const;
const isExpired = Prisma.sql`liveness_expires_at <= clock_timestamp()`;
/** Most rows of one tick; the next one is near. */
const BATCH = 1_000;

/**
 * Takes workspaces offline whose agent was silent for the whole liveness time, and asks for their restart; those whose
 * agent somebody else runs wait for it. A workspace that is coming up has a deadline instead.
 */
export async function expireLiveness(
  context: LoopContext,
): Promise<{ offline: number; awaitingAgent: number; failed: number }> {
  const expired = await context.db.$queryRaw<{ id: string }[]>`
    SELECT id FROM workspaces WHERE ${isExpired} AND ${isInFromSet(changes)} ORDER BY liveness_expires_at LIMIT ${BATCH}`;
  const ids = expired.map(({ id }) => id);
  return rowByRow(context, 'liveness-monitor', ids, ['offline', 'awaitingAgent'], expire);
}

async function expire(tx: Tx, workspaceId: string) {
  await lockUnderAncestors(tx, workspaceId);
  const cleared = Prisma.sql`, liveness_expires_at = NULL`;
  const status = await changeStatusByRuntime(tx, workspaceId, changes, isExpired, cleared);
  if (status === null) return null;
  const reason = 'its agent was silent for too long';
  const restart = await tellAgentLost(tx, { workspaceId, actor: 'loop:liveness-monitor', reason });
  return { as: status === 'offline' ? 'offline' : 'awaitingAgent', poke: restart !== null } as const;
}
