import type { BusEvent } from '@holdfast/activities/event/event-notice';

/** Events that wait for a reader; a slow one loses those that do not fit, and never holds up the others. */
const MOST_WAITING = 64;

export class EventInbox {
  private readonly waiting: BusEvent[] = [];
  private overflowed = false;
  private wake: (() => void) | null = null;

  put(event: BusEvent): void {
    if (this.waiting.length < MOST_WAITING) this.waiting.push(event);
    else this.overflowed = true;
    this.wake?.();
  }

  take(): BusEvent | undefined {
    return this.waiting.shift();
  }

  /** True once after events were lost and everything before them has been taken. */
  lost(): boolean {
    if (!this.overflowed || this.waiting.length > 0) return false;
    this.overflowed = false;
    return true;
  }

  /** Resolves to false when nothing came within the time; true when something did, or the signal aborted. */
  next(withinMs: number, signal: AbortSignal): Promise<boolean> {
    if (this.waiting.length > 0 || signal.aborted) return Promise.resolve(true);
    return new Promise((resolve) => {
      const end = (came: boolean) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', woken);
        this.wake = null;
        resolve(came);
      };
      const woken = () => end(true);
      const timer = setTimeout(() => end(false), withinMs);
      signal.addEventListener('abort', woken, { once: true });
      this.wake = woken;
    });
  }
}
