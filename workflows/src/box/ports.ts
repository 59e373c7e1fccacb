import type { RunRef } from '../operation/ports.ts';

/** The steps that touch a box. They run on the queue of the box's host, beat, and may be cancelled. */
export interface BoxPort {
  /**
   * Gathers what the box needs and checks it, without touching any box: secrets, mutators, required variables,
   * configuration source. Fails with the contract's texts.
   */
  prepareBox(order: RunRef & { cycle: number; host: string; backend: string }): Promise<void>;
  /** Creates and starts the box of a ledger row; a retried or half-heard one finds its own child. */
  startBox(order: RunRef & { boxId: string }): Promise<void>;
  /** Stops every box of the workspace on this host that is not gone; what cannot be stopped in time becomes owed. */
  settleBoxes(order: { workspaceId: string; host: string; exceptBoxId?: string; limitMs: number }): Promise<Settled>;
  /** Removes the volumes a deleted workspace leaves on this host; purge also removes its work. */
  removeVolumes(order: { workspaceId: string; host: string; purge: boolean }): Promise<void>;
}

export interface Settled {
  readonly gone: number;
  /** One sentence for each box that is owed. */
  readonly owed: readonly string[];
}
