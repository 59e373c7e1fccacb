import { Prisma, type Tx } from '@holdfast/prisma';
import { failures } from '@holdfast/workflows/failure/failures';
import { hasOwnBox } from '@holdfast/workflows/workspace/status';
import { recordEvent } from '../event/event-records.ts';
import { openOwner } from '../operation/operation-row.ts';
import { hasNoOwner } from '../workspace/open-owner-sql.ts';
import { changeStatus } from '../workspace/status-change.ts';
import { lockWorkspace } from '../workspace/workspace-row.ts';
import { type LoopContext, rowByRow } from './row-by-row.ts';

const SECOND_MS = 1_000;

/**
 * Fails workspaces that have waited for their agent longer than their runtime may take. Those of an operation have a
 * deadline of their own and are left alone; so is every box, whose agent may still register.
 * @param deadlineMs how long an agent of a runtime may take, in milliseconds
 */
export async function failLateProvisions(
  context: LoopContext,
  deadlineMs: (runtime: string) => number,
): Promise<{ failedLate: number; failed: number }> {
  const waiting = await context.db.$queryRaw<{ id: string; runtime: string; age_ms: number }[]>`
    SELECT id, runtime, ${ageMs} AS age_ms FROM workspaces w WHERE status = 'provisioning' AND ${hasNoOwner}`;
  const late = waiting.filter(({ runtime, age_ms }) => hasOwnBox(runtime) && age_ms > deadlineMs(runtime));
  return rowByRow(
    context,
    'provision-timeout-sweep',
    late.map(({ id }) => id),
    ['failedLate'],
    async (tx, id) => ((await fail(tx, id, deadlineMs)) ? { as: 'failedLate' } : null),
  );
}

/** By the database's clock; whatever changes the row gives it more time. */
const ageMs = Prisma.sql`(extract(epoch FROM clock_timestamp() - updated_at) * 1000)::float8`;

async function fail(tx: Tx, workspaceId: string, deadlineMs: (runtime: string) => number): Promise<boolean> {
  const workspace = await lockWorkspace(tx, workspaceId);
  if (!workspace || !hasOwnBox(workspace.runtime) || (await openOwner(tx, workspace))) return false;
  const limitMs = deadlineMs(workspace.runtime);
  const [age] = await tx.$queryRaw<[{ ms: number }]>`
    SELECT ${ageMs} AS ms FROM workspaces WHERE id = ${workspaceId}::uuid`;
  if (age.ms <= limitMs) return false;
  const text = failures.AGENT_TIMEOUT.says;
  if (!(await changeStatus(tx, workspaceId, 'provisionTimedOut', Prisma.sql`, last_sample_error = ${text}`)))
    return false;
  await recordEvent(tx, {
    workspaceId,
    type: 'WORKSPACE_PROVISION_FAILED',
    payload: {
      error: text,
      timeout_secs: Math.round(limitMs / SECOND_MS),
      runtime: workspace.runtime,
      source: 'provision_timeout_sweep',
    },
  });
  return true;
}
