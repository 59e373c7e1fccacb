import { Inject, Injectable } from '@nestjs/common';
import { operationChannel } from '@holdfast/activities/operation/notices';
import type { Database } from '@holdfast/prisma';
import { isEnded } from '@holdfast/workflows/operation/operation';
import { DATABASE } from '../core/parts.ts';
import { Notifications } from '../database/notifications.ts';

/** A waiter looks at the row this often even without a notification: a lost one costs a second, no more. */
const LOOK_EVERY_MS = 1_000;

/** Tells handlers that an operation changed, without polling Postgres for each of them. */
@Injectable()
export class OperationWatcher {
  private readonly waiters = new Map<string, Set<() => void>>();

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    notifications: Notifications,
  ) {
    notifications.on(operationChannel, (operationId) => this.wake(operationId));
    notifications.onGap(() => [...this.waiters.keys()].forEach((operationId) => this.wake(operationId)));
  }

  /**
   * Waits until the operation has ended.
   * @returns false when it has not within the time, or when the signal aborts
   */
  async waitForEnd(operationId: string, withinMs: number, signal?: AbortSignal): Promise<boolean> {
    const until = Date.now() + withinMs;
    for (;;) {
      const changed = this.nextChange(operationId, Math.min(LOOK_EVERY_MS, Math.max(0, until - Date.now())), signal);
      const row = await this.db.operation.findUnique({ where: { id: operationId }, select: { state: true } });
      if (!row || isEnded(row.state)) return row !== null;
      if (Date.now() >= until || signal?.aborted) return false;
      await changed;
    }
  }

  /** Resolves at the next change of the operation, after the time, or when the signal aborts. Register before you read. */
  nextChange(operationId: string, withinMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        const waiting = this.waiters.get(operationId);
        waiting?.delete(done);
        if (waiting?.size === 0) this.waiters.delete(operationId);
        resolve();
      };
      const timer = setTimeout(done, withinMs);
      signal?.addEventListener('abort', done, { once: true });
      const waiting = this.waiters.get(operationId) ?? new Set();
      this.waiters.set(operationId, waiting.add(done));
      if (signal?.aborted) done();
    });
  }

  private wake(operationId: string): void {
    for (const done of this.waiters.get(operationId) ?? []) done();
  }
}
