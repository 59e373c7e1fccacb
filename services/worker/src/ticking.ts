import { beating } from '@holdfast/activities/box/pulse';
import { concealing } from '@holdfast/activities/failure/concealing';
import { recordTick } from '@holdfast/activities/loop/loop-records';
import { Context } from '@temporalio/activity';
import type { Logger } from 'pino';
import type { LoopParts } from './loop-parts.ts';
import type { LoopSchedule } from './schedules.ts';

const BEAT_MS = 1_000;

/** A loop that Temporal ticks. */
export interface ScheduledLoop<T extends object> {
  /** As `GET /admin/liveness` names it. */
  readonly name: string;
  /** The workflow type that ticks. */
  readonly type: string;
  readonly periodMs: number;
  /** Ticks at the start of a worker, too, instead of one period later. */
  readonly atOnce?: boolean;
  /** How long a tick may take at all, in minutes; 5 by default. */
  readonly limitMinutes?: number;
  tick(): Promise<T>;
}

/** Runs work as an activity that beats: whoever waits hears soon when its worker has died. */
export function alive<T>(work: () => Promise<T>): Promise<T> {
  const activity = Context.current();
  const pulse = { signal: activity.cancellationSignal, beat: () => activity.heartbeat() };
  return beating(pulse, BEAT_MS, work);
}

/** An activity of a loop, and what becomes of its failures: the log has the cause, the history a sentence. */
export const looping = <O extends unknown[], R>(
  log: Pick<Logger, 'warn'>,
  name: string,
  work: (...order: O) => Promise<R>,
): ((...order: O) => Promise<R>) =>
  concealing(name, work, (loop, error) => log.warn({ err: error, loop }, 'a loop failed and goes on'), 'INTERNAL');

/** The activity of a loop: a tick that ended is noted with what it did; one that failed is not, and shows as stale. */
export const ticking = <T extends object>(
  { db, log }: Pick<LoopParts, 'db' | 'log'>,
  { name, periodMs, tick }: ScheduledLoop<T>,
): (() => Promise<T>) =>
  looping(log, name, () =>
    alive(async () => {
      const did = await tick();
      await recordTick(db, name, periodMs, did);
      return did;
    }),
  );

/** @param owner begins the id of the schedule: two installations may share a Temporal server */
export const scheduleOf = (
  owner: string,
  { name, type, periodMs, atOnce = false, limitMinutes = 5 }: ScheduledLoop<object>,
  args: unknown[] = [],
): LoopSchedule => ({ id: `${owner}:${name}`, type, args, periodMs, atOnce, limitMinutes });
