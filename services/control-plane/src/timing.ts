/** How long what takes, in milliseconds unless it says otherwise. */
export interface Timing {
  /** For every runtime; left out, each has its own. */
  readonly bootSeconds: number | undefined;
  /** Between two looks at a machine that boots, or that is still to end. */
  readonly lookMs: number;
  /** Between two looks at a machine whose end is being waited for. */
  readonly stopLookMs: number;
  readonly stopWaitMs: number;
  /** Between two looks at all that a cloud holds. */
  readonly strayMs: number;
  /** Within which a create that was not answered comes out, or never does. */
  readonly attemptMs: number;
  /** Within which a cloud may not show yet what it has made. */
  readonly visibleMs: number;
  readonly reportMs: number;
  readonly reportAgainMs: number;
  readonly mostReports: number;
}

/** What hardly anybody needs to set; a cloud has answered, or will not, within an attempt. */
export const usualTiming = {
  attemptMs: 240_000,
  stopLookMs: 1_000,
  strayMs: 60_000,
  visibleMs: 60_000,
  reportMs: 10_000,
  reportAgainMs: 5_000,
  mostReports: 8,
} as const;
