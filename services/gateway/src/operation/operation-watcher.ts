import { Inject, Injectable } from '@nestjs/common';
import { operationChannel } from '@holdfast/activities/operation/notices';
import type { Database } from '@holdfast/prisma';
import { openStates } from '@holdfast/workflows/operation/operation';
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
   * Waits until all of these operations have ended.
   * @returns false when they have not within the time
   */
  async waitForEnds(operationIds: readonly string[], withinMs: number): Promise<boolean> {
    const until = Date.now() + withinMs;
    for (let open = operationIds; ;) {
      const looked = new AbortController();
      const patience = Math.min(LOOK_EVERY_MS, Math.max(0, until - Date.now()));
      const changed = Promise.race(open.map((id) => this.nextChange(id, patience, looked.signal)));
      try {
        open = await this.openOf(open);
        if (open.length === 0) return true;
        if (Date.now() >= until) return false;
        await changed;
      } finally {
        looked.abort();
      }
    }
  }

  private async openOf(operationIds: readonly string[]): Promise<string[]> {
    const rows = await this.db.$queryRaw<{ id: string }[]>`
      SELECT id FROM operations WHERE id = ANY(${operationIds}::uuid[]) AND state::text = ANY(${openStates}::text[])`;
    return rows.map(({ id }) => id);
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
