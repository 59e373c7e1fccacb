import type { Tx } from '@holdfast/prisma';
import { recordEvent } from '../event/event-records.ts';
import type { WorkspaceRow } from './workspace-row.ts';

/**
 * Tells that a workspace is being brought up (again), in the transaction that wrote the status.
 * @param key names that write, so that a step that runs again tells it once
 */
export const announceProvisioning = (tx: Tx, workspace: WorkspaceRow, key: string): Promise<void> =>
  recordEvent(tx, {
    workspaceId: workspace.id,
    type: 'WORKSPACE_PROVISIONING',
    payload: { name: workspace.name, tier: workspace.tier, runtime: workspace.runtime },
    key,
  });
