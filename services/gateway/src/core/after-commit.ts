import { Inject, Injectable } from '@nestjs/common';
import type { Poker } from '@holdfast/activities/operation/poke';
import type { Logger } from 'pino';
import { LOGGER, POKER } from './parts.ts';

/** Pokes under way at once; a burst would otherwise take the database from those who wait for an answer. */
const MOST_AT_ONCE = 8;

/** Tells Temporal about a committed change without making the caller wait for it. */
@Injectable()
export class AfterCommit {
  private readonly waiting = new Set<string>();
  private running = 0;

  constructor(
    @Inject(POKER) private readonly poker: Poker,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** A poke that fails is not lost: a loop of the worker finds the operation in Postgres within seconds. */
  poke(workspaceId: string): void {
    this.waiting.add(workspaceId);
    if (this.running < MOST_AT_ONCE) void this.work();
  }

  private async work(): Promise<void> {
    this.running += 1;
    for (const workspaceId of this.waiting) {
      this.waiting.delete(workspaceId);
      await this.poker.poke(workspaceId).catch((error: unknown) => {
        this.logger.warn({ err: error, workspaceId }, 'could not poke Temporal; the dispatcher will');
      });
    }
    this.running -= 1;
  }
}
