import { type NativeConnection, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { hostQueue } from '@holdfast/workflows/operation/operation';
import type { HostLoopPort, LoopPort } from '@holdfast/workflows/loop/ports';
import type { OperationPort, TreePort } from '@holdfast/workflows/operation/ports';
import type { BoxPort } from '@holdfast/workflows/box/ports';

export interface WorkerParts {
  readonly connection: NativeConnection;
  readonly bundle: WorkflowBundleOption;
  readonly names: { namespace: string; loopsNamespace: string; queue: string; loopsQueue: string; host: string };
  readonly operations: OperationPort;
  readonly trees: TreePort;
  readonly boxes: BoxPort;
  /** What is left out is never scheduled here. */
  readonly loops: Partial<LoopPort>;
  readonly hostLoops: Partial<HostLoopPort>;
}

/** A cancelled activity hears of it at its next heartbeat that is let through. */
const HEARTBEAT_THROTTLE_MS = 400;
const SHUTDOWN_GRACE_MS = 10_000;

/** The four workers of one process: operations and loops, each with the activities of this host. */
export async function createWorkers({
  connection,
  bundle,
  names,
  operations,
  trees,
  boxes,
  loops,
  hostLoops,
}: WorkerParts): Promise<Worker[]> {
  const shared = {
    connection,
    shutdownGraceTime: SHUTDOWN_GRACE_MS,
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
    defaultHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
    // A run that lost its worker moves on after this, instead of waiting out the sticky queue.
    stickyQueueScheduleToStartTimeout: '500ms',
  } as const;
  const queue = hostQueue(names.host);
  return Promise.all([
    Worker.create({
      ...shared,
      namespace: names.namespace,
      taskQueue: names.queue,
      workflowBundle: bundle,
      activities: { ...operations, ...trees } as never,
      // A run that cannot be replayed would be tried for ever, and whatever comes after it would wait for ever. Failed, it
      // is found by the reality check: its operation ends, its boxes are owed, and what is queued gets its turn.
      workflowFailureErrorTypes: { '*': ['NondeterminismError'] },
      maxCachedWorkflows: 500,
    }),
    Worker.create({
      ...shared,
      namespace: names.namespace,
      taskQueue: queue,
      activities: boxes as never,
      maxConcurrentActivityTaskExecutions: 50,
    }),
    Worker.create({
      ...shared,
      namespace: names.loopsNamespace,
      taskQueue: names.loopsQueue,
      workflowBundle: bundle,
      activities: loops as never,
      maxCachedWorkflows: 20,
    }),
    Worker.create({
      ...shared,
      namespace: names.loopsNamespace,
      taskQueue: queue,
      activities: hostLoops as never,
      maxConcurrentActivityTaskExecutions: 5,
    }),
  ]);
}
