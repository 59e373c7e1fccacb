import type { RefreshOrder, Refreshed } from './images.ts';
import type { HostSweep, SweepOrder, SweepTick } from './sweep.ts';

/** What a tick did, in numbers: what its loop's line in `GET /admin/liveness` shows. */
export type Counts = Readonly<Record<string, number>>;

/** What the periodic loops do. Each call is one tick; all of them may be repeated at any time. */
export interface LoopPort {
  /** Ends operations that run in Postgres and not in Temporal. */
  checkReality(): Promise<{ lost: number }>;
  /** Fails workspaces that wait for their agent longer than their runtime may take, and that no operation waits for. */
  failLateProvisions(): Promise<Counts>;
  /** Takes workspaces offline whose agent has been silent for the liveness time, and asks for their restart. */
  expireLiveness(): Promise<Counts>;
  /** Notes which external agents have been silent for too long. */
  expireExternalLiveness(): Promise<Counts>;
  /** Asks for the restarts of offline workspaces that were not asked for, or dropped, when they went offline. */
  restartOffline(): Promise<Counts>;
  /** Puts idle workspaces to sleep, and takes up hibernations that nobody carries out any more. */
  hibernateIdle(): Promise<Counts>;
  /** Forgets events and idempotency keys that are older than they are kept. */
  dropOldRecords(): Promise<Counts>;
  /** The hosts that serve, or have served, one of these kinds of backends. */
  listHosts(kinds: readonly string[]): Promise<string[]>;
}

/** Ticks that touch boxes, and so run on the queue of their host. */
export interface HostLoopPort {
  /** Tries again to stop the boxes this host owes. */
  finishOwedBoxes(): Promise<{ gone: number; owed: number }>;
  /** Looks whether the boxes of this host that should run do run. */
  checkHealth(): Promise<Counts>;
  /** Compares the ledger with what this host really has, and clears what belongs to nobody. */
  sweepOrphans(): Promise<SweepTick>;
  /** The same, on demand: lists what it found, and touches nothing on a dry run. */
  sweepHost(order: SweepOrder): Promise<HostSweep>;
  /** Pulls the images of runtimes, and restarts what runs an older one. */
  refreshHost(order: RefreshOrder): Promise<Refreshed>;
  /** Looks whether a registry has other images than before, and refreshes those. */
  watchImages(): Promise<Counts>;
}
