import type { Finding } from '@holdfast/workflows/loop/sweep';
import type { Poker } from '../../operation/poker.ts';
import type { BoxBackend, SeenBox } from '../backend.ts';
import type { BoxContext } from '../box-context.ts';

/** Something that is not as the record says, and what would mend it. */
export interface Suspect extends Omit<Finding, 'host' | 'done'> {
  /**
   * Looks again, and mends it.
   * @returns false when nothing had to be done any more
   * @throws when it could not be mended; the next sweep tries again
   */
  mend(): Promise<boolean>;
}

/** What one pass found among how many. */
export interface Found {
  readonly fleet: number;
  readonly suspects: readonly Suspect[];
}

/** A backend that said what it has, and what it said. */
export interface Listed {
  readonly backend: BoxBackend;
  readonly boxes: readonly SeenBox[];
}

/** What every pass of one sweep looks at. */
export interface SweepView {
  readonly context: BoxContext;
  readonly poker: Pick<Poker, 'poke'>;
  /** The backends that have answered. What the others have, nobody knows. */
  readonly listed: readonly Listed[];
  /** When the first of them was asked, by the database's clock. */
  readonly askedAt: Date;
  /** The boxes that the ledger believed up before that. */
  readonly believedUp: readonly LedgerBox[];
  /** How much time is left, in milliseconds. */
  leftMs(): number;
}

export interface LedgerBox {
  readonly boxId: string;
  readonly workspaceId: string;
  readonly externalId: string | null;
  readonly provider: string | null;
  readonly backend: string;
  /** Somebody is changing its workspace. */
  readonly isOwned: boolean;
}
