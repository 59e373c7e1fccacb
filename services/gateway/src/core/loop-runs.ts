import { setTimeout as delay } from 'node:timers/promises';
import { Refusal } from '@holdfast/activities/failure/refusal';
import { type Client, WorkflowExecutionAlreadyStartedError, type WorkflowHandle } from '@temporalio/client';

/** Asks the workers for something that belongs to no workspace. */
export interface LoopRuns {
  /**
   * Runs a short workflow of the loops to its end, or waits for the one that has this id already.
   * @param order small facts, as for every workflow
   * @param takenUpWithinMs how long to wait for a worker that takes it up, in milliseconds; its work may take longer
   * @throws Refusal NO_BACKEND when Temporal or the workers are away
   */
  run(type: string, order: unknown, id: string, takenUpWithinMs: number): Promise<unknown>;
}

/** No host may take longer, whatever it does; a run that nobody takes up ends by itself. */
const LONGEST_RUN = '15m';
/** Started, and a task scheduled: nobody has looked at it yet. */
const UNTOUCHED = 2;

export function createLoopRuns(client: () => Promise<Client>, taskQueue: string): LoopRuns {
  return {
    async run(type, order, id, takenUpWithinMs) {
      const temporal = await client();
      const inTime = <T>(call: () => Promise<T>): Promise<T> =>
        temporal.withDeadline(Date.now() + takenUpWithinMs, call).catch((error: unknown) => {
          if (error instanceof WorkflowExecutionAlreadyStartedError) throw error;
          throw away('Temporal does not answer');
        });
      const handle = await inTime(() => start(temporal, type, order, id, taskQueue));
      const result = handle.result();
      const late = new AbortController();
      const first = await Promise.race([
        result.finally(() => late.abort()),
        delay(takenUpWithinMs, 'late' as const, { signal: late.signal }).catch(() => result),
      ]);
      if (first !== 'late') return first;
      if ((await inTime(() => handle.describe())).historyLength > UNTOUCHED) return result;
      result.catch(() => undefined);
      await inTime(() => handle.cancel());
      throw away('no worker has taken it up');
    },
  };
}

const away = (why: string): Refusal => new Refusal('NO_BACKEND', `provisioner not available: ${why}`);

/** A repetition under the same id finds the first one, at work or done. */
async function start(
  temporal: Client,
  type: string,
  order: unknown,
  id: string,
  taskQueue: string,
): Promise<WorkflowHandle> {
  try {
    return await temporal.workflow.start(type, {
      workflowId: id,
      taskQueue,
      args: [order],
      workflowExecutionTimeout: LONGEST_RUN,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return temporal.workflow.getHandle(id);
  }
}
