import { Prisma, type Tx } from '@holdfast/prisma';
import { fromSet } from '@holdfast/workflows/workspace/lifecycle';
import { hasOwnBox } from '@holdfast/workflows/workspace/status';
import { Refusal } from '../failure/refusal.ts';
import { takeIn } from '../operation/intake.ts';
import { openOwner } from '../operation/operation-row.ts';
import { changeStatus } from './status-change.ts';
import { lockWorkspace } from './workspace-row.ts';

export interface HibernateRequest {
  readonly workspaceId: string;
  readonly actor: string;
  /** Ends the tasks that the agent reports, instead of refusing. */
  readonly force: boolean;
  readonly reason?: string;
  /** Takes up a hibernation that nobody carries out any more: the row says `hibernating`, and has no owner. */
  readonly abandoned?: true;
}

const notFound = (): Refusal =>
  new Refusal('WORKSPACE_NOT_FOUND', 'workspace not found or not in a hibernatable state (must be online or degraded)');

/**
 * Claims a workspace for hibernation. What it does from then on, its agent's words no longer change.
 * @throws Refusal WORKSPACE_NOT_FOUND, ACTIVE_TASKS with their number
 */
export async function requestHibernate(tx: Tx, request: HibernateRequest): Promise<{ operationId: string }> {
  const workspace = await lockWorkspace(tx, request.workspaceId);
  if (!workspace || !hasOwnBox(workspace.runtime)) throw notFound();
  const isClaimable = request.abandoned
    ? workspace.status === 'hibernating'
    : fromSet('hibernateClaim').includes(workspace.status);
  // Whatever runs on it has taken it already: only a workspace at rest hibernates.
  if (!isClaimable || (await openOwner(tx, workspace))) throw notFound();
  const { active_tasks } = await activeTasks(tx, workspace.id);
  if (active_tasks > 0 && !request.force && !request.abandoned) {
    throw new Refusal('ACTIVE_TASKS', 'workspace has active tasks; use ?force=true to terminate them', {
      active_tasks,
    });
  }
  const { actor, reason = 'hibernate' } = request;
  const { operationId } = await takeIn(tx, workspace, {
    kind: 'hibernate',
    actor,
    reason,
    facts: { force: request.force },
  });
  await changeStatus(tx, workspace.id, 'hibernateClaim', Prisma.sql`, active_tasks = 0`);
  return { operationId };
}

async function activeTasks(tx: Tx, workspaceId: string): Promise<{ active_tasks: number }> {
  const [row] = await tx.$queryRaw<[{ active_tasks: number }]>`
    SELECT active_tasks FROM workspaces WHERE id = ${workspaceId}::uuid`;
  return row;
}
