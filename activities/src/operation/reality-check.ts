import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Database, Tx } from '@holdfast/prisma';
import { failures } from '@holdfast/workflows/failure/failures';
import { workflowId } from '@holdfast/workflows/operation/operation';
import { Prisma } from '@holdfast/prisma';
import { recordEvent } from '../event/event-records.ts';
import { changeStatus } from '../workspace/status-change.ts';
import { lockWorkspace, type WorkspaceRow } from '../workspace/workspace-row.ts';
import { announceOperation } from './notices.ts';
import { type OperationRow, readOperation } from './operation-row.ts';
import { ANSWER_WITHIN_MS } from './poke.ts';
import type { WorkspacePoker } from './poker.ts';
import { nextInLine, promote } from './promote.ts';
import { oweStopping, stopBoxes } from './settle.ts';
import { recordStep } from './steps.ts';

/**
 * Finds operations that run according to Postgres and not according to Temporal: terminated by hand, history lost,
 * database restored. Each ends as EXECUTION_LOST, its boxes become owed, and what is queued gets its turn.
 * @returns the ids of the operations found lost
 * @throws when Temporal does not answer; nothing is lost for want of an answer
 */
export async function checkReality(
  db: Database,
  client: Client,
  poker: WorkspacePoker,
  { answerWithinMs = ANSWER_WITHIN_MS }: { answerWithinMs?: number } = {},
): Promise<string[]> {
  const running = await db.$queryRaw<{ id: string; workspace_id: string; run_id: string }[]>`
    SELECT id, workspace_id, run_id FROM operations WHERE state = 'running' AND run_id IS NOT NULL
      AND began_at < clock_timestamp() - interval '2 seconds' ORDER BY began_at LIMIT 500`;
  const lost: string[] = [];
  for (const operation of running) {
    const open = () => isOpen(client, operation.workspace_id, operation.run_id);
    if (await client.withDeadline(Date.now() + answerWithinMs, open)) continue;
    if (await db.$transaction((tx) => lose(tx, operation.id, operation.run_id))) {
      lost.push(operation.id);
      await poker.poke(operation.workspace_id);
    }
  }
  return lost;
}

async function isOpen(client: Client, workspaceId: string, runId: string): Promise<boolean> {
  try {
    const { status } = await client.workflow.getHandle(workflowId(workspaceId), runId).describe();
    return status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/** False when the operation ended between the look and the lock. */
async function lose(tx: Tx, operationId: string, runId: string): Promise<boolean> {
  const seen = await readOperation(tx, operationId);
  if (!seen) return false;
  const workspace = await lockWorkspace(tx, seen.workspace_id);
  const operation = await readOperation(tx, operationId);
  if (operation?.state !== 'running' || operation.run_id !== runId) return false;
  const text = failures.EXECUTION_LOST.says;
  await tx.$executeRaw`
    UPDATE operations SET state = 'failed', failure_code = 'EXECUTION_LOST', failure_text = ${text}, ended_at = clock_timestamp()
    WHERE id = ${operationId}::uuid`;
  await recordStep(tx, { operationId, cycle: operation.cycle, step: 'finish', state: 'failed', detail: text });
  await announceOperation(tx, operationId);
  if (workspace?.operation_id === operationId) await release(tx, workspace, operation, text);
  return true;
}

async function release(tx: Tx, workspace: WorkspaceRow, operation: OperationRow, text: string): Promise<void> {
  await stopBoxes(tx, workspace.id);
  await oweStopping(tx, workspace.id, text);
  const [queued] = await nextInLine(tx, workspace, operation.id);
  if (queued) return promote(tx, workspace, queued);
  await tx.$executeRaw`UPDATE workspaces SET operation_id = NULL WHERE id = ${workspace.id}::uuid`;
  if (await changeStatus(tx, workspace.id, 'executionLost', Prisma.sql`, last_sample_error = ${text}`)) {
    await recordEvent(tx, {
      workspaceId: workspace.id,
      type: 'WORKSPACE_PROVISION_FAILED',
      payload: { error: text },
      key: `${operation.id}:lost`,
    });
  }
}
