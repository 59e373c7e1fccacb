import { type NativeConnection, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { hostQueue } from '@holdfast/workflows/operation/operation';
import type { HostLoopPort, LoopPort } from '@holdfast/workflows/loop/ports';
import type { OperationPort, TreePort } from '@holdfast/workflows/operation/ports';
import type { BoxPort } from '@holdfast/workflows/box/ports';

/** Where the workers of one process get their tasks. */
export interface TaskSource {
  readonly connection: NativeConnection;
  readonly bundle: WorkflowBundleOption;
  readonly namespace: string;
  readonly queue: string;
  readonly host: string;
}

/** A cancelled activity hears of it at its next heartbeat that is let through. */
const HEARTBEAT_THROTTLE_MS = 400;
const shared = {
  shutdownGraceTime: 10_000,
  maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
  defaultHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
  // A run that lost its worker moves on after this, instead of waiting out the sticky queue.
  stickyQueueScheduleToStartTimeout: '500ms',
} as const;

/** The workers of operations: one for executions and rows, one for the boxes of this host. */
export function operationWorkers(
  { connection, bundle, namespace, queue, host }: TaskSource,
  { operations, trees, boxes }: { operations: OperationPort; trees: TreePort; boxes: BoxPort },
): Promise<Worker[]> {
  return Promise.all([
    Worker.create({
      ...shared,
      connection,
      namespace,
      taskQueue: queue,
      workflowBundle: bundle,
      activities: { ...operations, ...trees } as never,
      // A run that cannot be replayed would be tried for ever, and whatever comes after it would wait for ever. Failed, it
      // is found by the reality check: its operation ends, its boxes are owed, and what is queued gets its turn.
      workflowFailureErrorTypes: { '*': ['NondeterminismError'] },
      maxCachedWorkflows: 500,
    }),
    Worker.create({
      ...shared,
      connection,
      namespace,
      taskQueue: hostQueue(host),
      activities: boxes as never,
      maxConcurrentActivityTaskExecutions: 50,
    }),
  ]);
}

/** The workers of loops, in their namespace; a loop that is left out is never scheduled here. */
export function loopWorkers(
  { connection, bundle, namespace, queue, host }: TaskSource,
  { loops, hostLoops }: { loops: Partial<LoopPort>; hostLoops: Partial<HostLoopPort> },
): Promise<Worker[]> {
  return Promise.all([
    Worker.create({
      ...shared,
      connection,
      namespace,
      taskQueue: queue,
      workflowBundle: bundle,
      activities: loops as never,
      maxCachedWorkflows: 20,
    }),
    Worker.create({
      ...shared,
      connection,
      namespace,
      taskQueue: hostQueue(host),
      activities: hostLoops as never,
      maxConcurrentActivityTaskExecutions: 5,
    }),
  ]);
}
