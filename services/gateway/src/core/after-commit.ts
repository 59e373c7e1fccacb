import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Poker } from '@holdfast/activities/operation/poker';
import type { Logger } from 'pino';
import { LOGGER, POKER } from './parts.ts';

/** Pokes under way at once; a burst would otherwise take the database from those who wait for an answer. */
const MOST_AT_ONCE = 8;

/** Tells Temporal about a committed change without making the caller wait for it. */
@Injectable()
export class AfterCommit implements OnApplicationShutdown {
  /** By name: of what is poked again before its turn, one poke is enough. */
  private readonly waiting = new Map<string, () => Promise<void>>();
  private readonly working = new Set<Promise<void>>();
  private running = 0;

  constructor(
    @Inject(POKER) private readonly poker: Poker,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** A poke that fails is not lost: a loop of the worker finds the operation in Postgres within seconds. */
  poke(workspaceId: string): void {
    this.send(workspaceId, () => this.poker.poke(workspaceId));
  }

  /** The same for all that was asked of a tree at once. */
  pokeTree(rootId: string): void {
    this.send(`tree ${rootId}`, () => this.poker.pokeTree(rootId));
  }

  /** What is under way is waited for: a connection that is closed under a poke takes the process with it. */
  async onApplicationShutdown(): Promise<void> {
    this.waiting.clear();
    await Promise.all(this.working);
  }

  private send(name: string, poke: () => Promise<void>): void {
    this.waiting.set(name, poke);
    if (this.running >= MOST_AT_ONCE) return;
    const work = this.work().finally(() => this.working.delete(work));
    this.working.add(work);
  }

  private async work(): Promise<void> {
    this.running += 1;
    for (const [name, poke] of this.waiting) {
      this.waiting.delete(name);
      await poke().catch((error: unknown) => {
        this.logger.warn({ err: error, workspaceId: name }, 'could not poke Temporal; the dispatcher will');
      });
    }
    this.running -= 1;
  }
}
