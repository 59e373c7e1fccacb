import { type Client, ScheduleAlreadyRunning, ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import { loopsQueue } from '@holdfast/workflows/operation/operation';

export interface LoopSchedule {
  readonly id: string;
  /** The workflow type that ticks. */
  readonly type: string;
  readonly args: unknown[];
  readonly periodMs: number;
  /** Ticks now as well, instead of one period later. */
  readonly atOnce: boolean;
  /** How long a tick may take at all, in minutes. */
  readonly limitMinutes: number;
}

/** A loop that is to tick no more. */
export interface RetiredLoop {
  /** Of its schedule. */
  readonly id: string;
  /** As `GET /admin/liveness` named it. */
  readonly name: string;
}

/**
 * Creates the Schedules of the loops, brings those that are there up to date, and removes the retired ones. Any number of
 * workers may do so.
 */
export async function ensureSchedules(
  client: Client,
  { schedules, retired }: { schedules: readonly LoopSchedule[]; retired: readonly RetiredLoop[] },
  queue: string = loopsQueue,
): Promise<void> {
  await Promise.all([
    ...retired.map(({ id }) => remove(client, id)),
    ...schedules.map((schedule) => ensure(client, schedule, queue)),
  ]);
}

async function ensure(client: Client, schedule: LoopSchedule, queue: string): Promise<void> {
  const { id, type, args, periodMs, atOnce, limitMinutes } = schedule;
  const shape = {
    spec: { intervals: [{ every: periodMs, offset: offsetMs(id, periodMs) }] },
    action: {
      type: 'startWorkflow' as const,
      workflowType: type,
      args,
      taskQueue: queue,
      workflowId: id,
      workflowRunTimeout: `${limitMinutes}m` as const,
    },
    // A tick that was missed is not worth catching up: the next one sees the same rows.
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '10s' as const },
  };
  try {
    await client.schedule.create({ scheduleId: id, ...shape });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(id).update((current) => ({ ...current, ...shape, state: current.state }));
  }
  // A tick that is under way is this one, whoever began it.
  if (atOnce) await client.schedule.getHandle(id).trigger(ScheduleOverlapPolicy.SKIP);
}

/** Periods are counted from the same instant for all: without this every loop of every host would tick at once. */
const offsetMs = (id: string, periodMs: number): number =>
  [...id].reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) % 1_000_003, 7) % periodMs;

async function remove(client: Client, id: string): Promise<void> {
  try {
    await client.schedule.getHandle(id).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}
