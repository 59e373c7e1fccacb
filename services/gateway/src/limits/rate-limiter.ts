import { Refusal } from '@holdfast/activities/failure/refusal';

/** How a request stands with its limit. */
export interface Allowance {
  readonly limit: number;
  readonly remaining: number;
  /** Whole seconds until the window starts anew. */
  readonly resetSeconds: number;
  readonly exceeded: boolean;
}

interface Window {
  hits: number;
  endsAt: number;
}

/** More keys than this and the ended windows are dropped at once. */
const MOST_KEYS = 100_000;

/** Counts requests by key in fixed windows that begin with the key's first request. One per process. */
export class RateLimiter {
  private readonly windows = new Map<string, Window>();
  private sweptAt = 0;

  constructor(
    private readonly limit: number,
    private readonly windowMs: number,
    private readonly now: () => number = Date.now,
  ) {}

  hit(key: string): Allowance {
    const at = this.now();
    if (at - this.sweptAt > this.windowMs || this.windows.size > MOST_KEYS) this.sweep(at);
    let window = this.windows.get(key);
    if (!window || window.endsAt <= at) {
      window = { hits: 0, endsAt: at + this.windowMs };
      this.windows.set(key, window);
    }
    window.hits += 1;
    return {
      limit: this.limit,
      remaining: Math.max(0, this.limit - window.hits),
      resetSeconds: Math.ceil((window.endsAt - at) / 1000),
      exceeded: window.hits > this.limit,
    };
  }

  /** Keys that are remembered now. */
  get size(): number {
    return this.windows.size;
  }

  private sweep(at: number): void {
    for (const [key, window] of this.windows) if (window.endsAt <= at) this.windows.delete(key);
    this.sweptAt = at;
  }
}

/** What every answer says about its limit. */
export const limitHeaders = (allowance: Allowance): Record<string, string> => ({
  'x-ratelimit-limit': String(allowance.limit),
  'x-ratelimit-remaining': String(allowance.remaining),
  'x-ratelimit-reset': String(allowance.resetSeconds),
});

export const rateLimited = (allowance: Allowance): Refusal =>
  new Refusal('RATE_LIMITED', 'rate limit exceeded', { retry_after: allowance.resetSeconds });
