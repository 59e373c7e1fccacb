import { Prisma, type Tx } from '@holdfast/prisma';
import type { TransitionName } from '@holdfast/workflows/workspace/lifecycle';
import type { Ending } from '@holdfast/workflows/operation/ports';
import { recordEvent } from '../event/event-records.ts';
import { changeStatus } from './status-change.ts';
import type { WorkspaceRow } from './workspace-row.ts';

const transitions: Record<string, TransitionName> = { AGENT_TIMEOUT: 'provisionTimedOut', NO_BACKEND: 'noBackend' };

/**
 * Marks a bring-up as failed where people look: status, text and event carry the same sanitised sentence. A row that
 * has moved on meanwhile keeps its status, and no event is sent.
 */
export async function failWorkspace(
  tx: Tx,
  workspace: WorkspaceRow,
  operationId: string,
  ending: Ending,
): Promise<void> {
  const text = ending.failureText ?? 'provisioning failed';
  const transition = transitions[ending.failureCode ?? ''] ?? 'provisionFailed';
  if (!(await changeStatus(tx, workspace.id, transition, Prisma.sql`, last_sample_error = ${text}`))) return;
  await recordEvent(tx, {
    workspaceId: workspace.id,
    type: 'WORKSPACE_PROVISION_FAILED',
    payload: { error: text, ...ending.failureFacts },
    key: `${operationId}:failed`,
  });
}
