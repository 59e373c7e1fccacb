import type { Database } from '@holdfast/prisma';
import type { Client } from '@temporalio/client';
import { recordTick } from '@holdfast/activities/loop/loop-records';
import { superviseLoop } from '@holdfast/activities/loop/supervised-loop';
import { dispatch } from '@holdfast/activities/operation/dispatcher';
import { checkReality } from '@holdfast/activities/operation/reality-check';
import type { Poker } from '@holdfast/activities/operation/poke';
import type { HostLoopPort, LoopPort } from '@holdfast/workflows/loop/ports';
import type { Logger } from 'pino';
import type { WorkerConfig } from './config.ts';
import type { LoopSchedule } from './schedules.ts';

export interface LoopParts {
  readonly config: WorkerConfig;
  readonly db: Database;
  readonly client: Client;
  readonly poker: Poker;
  readonly log: Logger;
  /** Tries again to stop what this host owes. */
  readonly finishOwed: () => Promise<{ gone: number; owed: number }>;
  /** Says which backends of this host answer. */
  readonly observe: () => Promise<void>;
}

/** The ticks that Temporal schedules. */
export function scheduledLoops({ config, db, client, poker, finishOwed }: LoopParts): {
  loops: LoopPort;
  hostLoops: HostLoopPort;
  schedules: LoopSchedule[];
} {
  const owedName = `owed-boxes:${config.HOLDFAST_HOST}`;
  return {
    loops: {
      async checkReality() {
        const lost = await checkReality(db, client, poker);
        await recordTick(db, 'reality-check', config.REALITY_CHECK_INTERVAL_MS, { lost: lost.length });
        return { lost: lost.length };
      },
    },
    hostLoops: {
      async finishOwedBoxes() {
        const report = await finishOwed();
        await recordTick(db, owedName, config.OWED_BOXES_INTERVAL_MS, report);
        return report;
      },
    },
    schedules: [
      {
        id: `${config.HOLDFAST_OWNER}:reality-check`,
        type: 'checkReality',
        args: [],
        periodMs: config.REALITY_CHECK_INTERVAL_MS,
      },
      {
        id: `${config.HOLDFAST_OWNER}:${owedName}`,
        type: 'finishOwedBoxes',
        args: [{ host: config.HOLDFAST_HOST }],
        periodMs: config.OWED_BOXES_INTERVAL_MS,
      },
    ],
  };
}

/** The loops this process runs by itself; resolves when the signal has aborted and all have ended. */
export async function runOwnLoops({ config, db, poker, log, observe }: LoopParts, signal: AbortSignal): Promise<void> {
  const onFailure = (name: string) => (error: unknown) =>
    log.warn({ err: error, loop: name }, 'a loop failed and goes on');
  await Promise.all([
    superviseLoop(
      {
        name: 'dispatcher',
        periodMs: config.DISPATCH_INTERVAL_MS,
        onFailure: onFailure('dispatcher'),
        async tick() {
          const { failed } = await dispatch(db, poker);
          await recordTick(db, 'dispatcher', config.DISPATCH_INTERVAL_MS);
          if (failed > 0) log.warn({ failed }, 'pokes failed; they are repeated');
        },
      },
      signal,
    ),
    superviseLoop(
      { name: 'presence', periodMs: config.PRESENCE_INTERVAL_MS, onFailure: onFailure('presence'), tick: observe },
      signal,
    ),
  ]);
}
