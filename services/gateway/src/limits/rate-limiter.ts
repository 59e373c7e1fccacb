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

/** More keys than this and the oldest are forgotten: a flood of them costs neither memory nor a look at all at each. */
const MOST_KEYS = 100_000;
/** So many are left then. One by one, each would cost a walk over the places of those before it. */
const KEPT_KEYS = 90_000;
const SWEEP_MS = 1_000;

/** Counts requests by key in fixed windows that begin with the key's first request. One per process. */
export class RateLimiter {
  /** In the order in which they began, and so in that in which they end. */
  private readonly windows = new Map<string, Window>();
  private sweptAt = 0;

  constructor(
    private readonly limit: number,
    private readonly windowMs: number,
    private readonly now: () => number = Date.now,
  ) {}

  hit(key: string): Allowance {
    const at = this.now();
    let window = this.windows.get(key);
    if (!window || window.endsAt <= at) {
      window = { hits: 0, endsAt: at + this.windowMs };
      // Set alone, a key would keep its old place.
      this.windows.delete(key);
      this.windows.set(key, window);
      if (this.windows.size > MOST_KEYS || at - this.sweptAt >= SWEEP_MS) this.sweep(at);
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
    const most = this.windows.size > MOST_KEYS ? KEPT_KEYS : MOST_KEYS;
    for (const [key, window] of this.windows) {
      if (window.endsAt > at && this.windows.size <= most) break;
      this.windows.delete(key);
    }
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
