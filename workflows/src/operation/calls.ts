import { ActivityCancellationType, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { BoxPort } from '../box/ports.ts';
import { hostQueue, type OperationSettings } from './operation.ts';
import type { OperationPort } from './ports.ts';

/**
 * Rows: local, since a hop through a queue costs more than the transaction. Retried for as long as it takes: a
 * database that is down is waited for, and an operation never ends for want of it.
 */
export const rows = proxyLocalActivities<OperationPort>({
  startToCloseTimeout: '30s',
  retry: { initialInterval: '100ms', backoffCoefficient: 2, maximumInterval: '5s' },
});

/**
 * Boxes: on the queue of their host. The heartbeat tells a dead worker from a slow engine and carries the
 * cancellation; nothing is undone before the cancelled attempt has ended, or the undo would race it.
 */
export function boxes(host: string, limitMs: number, settings: OperationSettings, summary: string): BoxPort {
  return proxyActivities<BoxPort>({
    taskQueue: hostQueue(host),
    scheduleToCloseTimeout: limitMs,
    startToCloseTimeout: limitMs,
    heartbeatTimeout: settings.heartbeatMs,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '15s' },
    summary,
  });
}
