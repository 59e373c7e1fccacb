const VALID_MS = 30_000;
const INVALID_MS = 5_000;
const MOST = 10_000;
/** So many go at once when there is no room: any, since the next question brings one back. */
const EVICTED = 128;

/** Whose session a cookie is; null when it is nobody's. */
export type Verdict = string | null;

/** What the control plane has said of sessions, for as long as that may be believed. */
export class SessionVerdicts {
  private readonly verdicts = new Map<string, { verdict: Verdict; until: number }>();
  private readonly now: () => number;

  constructor(now: () => number = Date.now) {
    this.now = now;
  }

  get size(): number {
    return this.verdicts.size;
  }

  /** Undefined when nothing is known any more. */
  find(key: string): Verdict | undefined {
    const known = this.verdicts.get(key);
    return known && known.until > this.now() ? known.verdict : undefined;
  }

  keep(key: string, verdict: Verdict): void {
    if (this.verdicts.size >= MOST && !this.verdicts.has(key)) this.evict();
    this.verdicts.set(key, { verdict, until: this.now() + (verdict === null ? INVALID_MS : VALID_MS) });
  }

  dropExpired(): void {
    for (const [key, { until }] of this.verdicts) if (until <= this.now()) this.verdicts.delete(key);
  }

  private evict(): void {
    for (const key of [...this.verdicts.keys()].slice(0, EVICTED)) this.verdicts.delete(key);
  }
}
