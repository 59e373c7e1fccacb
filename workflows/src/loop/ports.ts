/** What the periodic loops do. Each call is one tick; all of them may be repeated at any time. */
export interface LoopPort {
  /** Ends operations that run in Postgres and not in Temporal. */
  checkReality(): Promise<{ lost: number }>;
}

/** Ticks that touch boxes, and so run on the queue of their host. */
export interface HostLoopPort {
  /** Tries again to stop the boxes this host owes. */
  finishOwedBoxes(): Promise<{ gone: number; owed: number }>;
}
