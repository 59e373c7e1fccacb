import type { Tx } from '@holdfast/prisma';
import type { WorkspaceEvent } from '@holdfast/workflows/event/events';
import { broadcastPayloads } from './event-notice.ts';
import { notify } from './event-records.ts';

/**
 * Sends events that are not recorded to every gateway, gathered into few notifications. Outside a transaction it
 * costs no write to disk; inside one it happens at the commit.
 */
export const broadcast = (db: Tx, events: readonly WorkspaceEvent[]): Promise<void> =>
  notify(db, broadcastPayloads(events));
