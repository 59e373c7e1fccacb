import type { Tx } from '@holdfast/prisma';
import { recordEvent } from '../event/event-records.ts';
import { requestRestartAfter } from './request-restart.ts';

export interface LostAgent {
  readonly workspaceId: string;
  /** Who found out, as the audit shows it. */
  readonly actor: string;
  /** What was found, for people. */
  readonly reason: string;
}

/**
 * What follows whenever a workspace has lost its agent: it is told, and a restart is asked for. In the transaction that
 * changed the status, and only if it did.
 * @returns the restart's operation; null when there is none to be, or none yet
 */
export async function tellAgentLost(tx: Tx, lost: LostAgent): Promise<{ operationId: string } | null> {
  await recordEvent(tx, { workspaceId: lost.workspaceId, type: 'WORKSPACE_OFFLINE', payload: {} });
  return requestRestartAfter(tx, { ...lost, cause: 'health' });
}
