import { setTimeout as pause } from 'node:timers/promises';
import type { Stage } from './stage.ts';

/** How often the rows are looked at; part of every time that ends with an operation. */
const TICK_MS = 20;
const LIMIT_MS = 600_000;

/** Tells when operations have ended, for any number of them with one query. */
export class Endings {
  private readonly stage: Stage;
  private readonly waiting = new Map<string, { resolve: () => void; reject: (error: Error) => void; until: number }>();
  private looking = false;

  constructor(stage: Stage) {
    this.stage = stage;
  }

  /** @throws Error when it ends otherwise than well, or not in time */
  succeeded(operationId: string): Promise<void> {
    const end = new Promise<void>((resolve, reject) => {
      this.waiting.set(operationId, { resolve, reject, until: Date.now() + LIMIT_MS });
    });
    if (!this.looking) void this.look();
    return end;
  }

  private async look(): Promise<void> {
    this.looking = true;
    while (this.waiting.size > 0) {
      try {
        await this.settle();
      } catch (error) {
        for (const { reject } of this.waiting.values()) reject(error as Error);
        this.waiting.clear();
      }
      await pause(TICK_MS);
    }
    this.looking = false;
  }

  private async settle(): Promise<void> {
    const ended = await this.stage.store.query<{ id: string; state: string; text: string | null }>(
      `SELECT id, state::text AS state, failure_text AS text FROM operations
       WHERE id = ANY($1::uuid[]) AND state NOT IN ('accepted', 'running')`,
      [[...this.waiting.keys()]],
    );
    for (const { id, state, text } of ended) {
      const one = this.waiting.get(id);
      this.waiting.delete(id);
      if (state === 'succeeded') one?.resolve();
      else one?.reject(new Error(`operation ${id} ended as ${state}: ${text ?? 'without a reason'}`));
    }
    for (const [id, { reject, until }] of this.waiting) {
      if (Date.now() < until) continue;
      this.waiting.delete(id);
      reject(new Error(`operation ${id} did not end within ${LIMIT_MS / 1_000} s`));
    }
  }
}
