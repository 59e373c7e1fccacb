import type { RunRef } from '../operation/ports.ts';

/** A step of one cycle of one operation, on one host. */
export interface BoxOrder extends RunRef {
  readonly cycle: number;
  readonly host: string;
}

/** The steps that touch a box. They run on the queue of the box's host, beat, and may be cancelled. */
export interface BoxPort {
  /**
   * Gathers what the box needs and checks it, without touching any box: secrets, mutators, required variables,
   * configuration source. Fails with the wire contract's texts.
   */
  prepareBox(order: BoxOrder & { backend: string }): Promise<void>;
  /** Creates and starts the box of a ledger row; a retried or half-heard one finds its own child. */
  startBox(order: BoxOrder & { boxId: string }): Promise<void>;
  /**
   * Stops the workspace's boxes on this host that are `stopping` or `owed`, and no others: a late attempt must never
   * reach a newer box. What cannot be stopped within `limitMs` becomes owed.
   */
  settleBoxes(order: BoxOrder & { limitMs: number }): Promise<Settled>;
  /** Removes the volumes a deleted workspace leaves on this host; a purge also removes its work. */
  removeVolumes(order: BoxOrder & { purge: boolean }): Promise<void>;
}

export interface Settled {
  readonly gone: number;
  /** One sentence for each box that is owed. */
  readonly owed: readonly string[];
}
