import { Inject, Injectable } from '@nestjs/common';
import type { Poker } from '@holdfast/activities/operation/poke';
import type { Logger } from 'pino';
import { LOGGER, POKER } from './parts.ts';

/** Tells Temporal about a committed change without making the caller wait for it. */
@Injectable()
export class AfterCommit {
  constructor(
    @Inject(POKER) private readonly poker: Poker,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** A poke that fails is not lost: a loop of the worker finds the operation in Postgres within seconds. */
  poke(workspaceId: string): void {
    this.poker.poke(workspaceId).catch((error: unknown) => {
      this.logger.warn({ err: error, workspaceId }, 'could not poke Temporal; the dispatcher will');
    });
  }
}
