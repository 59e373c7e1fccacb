import type { HostLoops } from '@holdfast/activities/box/host-loops';
import type { Poker } from '@holdfast/activities/operation/poker';
import type { Database } from '@holdfast/prisma';
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { WorkerConfig } from './config.ts';

export interface LoopParts {
  readonly config: WorkerConfig;
  readonly db: Database;
  readonly client: Client;
  readonly poker: Poker;
  readonly log: Logger;
  /** How long an agent of a runtime may take to register, in milliseconds. */
  readonly deadlineMs: (runtime: string) => number;
  /** What looks after the boxes of this host; left out where there can be none. */
  readonly hostLoops?: HostLoops | undefined;
  /** Tries again to stop what this host owes. */
  readonly finishOwed: () => Promise<{ gone: number; owed: number }>;
  /** Says which backends of this host answer. */
  readonly observe: () => Promise<void>;
}
