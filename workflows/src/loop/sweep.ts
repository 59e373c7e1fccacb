/** How a sweep by hand is to go. */
export interface SweepOrder {
  /** Lists, and touches nothing. */
  readonly dryRun: boolean;
  /** Acts even when so much looks orphaned that the look itself is in doubt. */
  readonly force: boolean;
}

/**
 * `box`: a real box that the ledger does not know, or believes gone. `ledger`: a box that the ledger believes up and that
 * is not there. `volumes`: what a workspace left on disk that is removed, or not in the
 * database, or has moved to another cloud. `legacy`: a container
 * of the platform before this one that belongs to no workspace. `token`: credentials of a box that is not there.
 * `instance`: one of a cloud that a removed workspace still names, or that a switch left behind, and that no box of the
 * ledger is about.
 */
export type FindingKind = 'box' | 'ledger' | 'volumes' | 'legacy' | 'token' | 'instance';

/** Something that is not as the record says. */
export interface Finding {
  readonly host: string;
  readonly kind: FindingKind;
  /** Null where no box is meant. */
  readonly boxId: string | null;
  /** Null where it is not known. */
  readonly workspaceId: string | null;
  readonly backend: string;
  /** What is wrong, in words for a person. */
  readonly what: string;
  /** What is to be done about it. */
  readonly action: string;
  /** It was done. False on a dry run, when the sweep stopped itself, or when it failed or ran out of time. */
  readonly done: boolean;
}

/** What one host found. */
export interface HostSweep {
  readonly host: string;
  /** Boxes that are there or should be, and workspaces that left something on disk. */
  readonly fleet: number;
  /** How many of those look orphaned. */
  readonly orphans: number;
  /** How many findings were seen to. */
  readonly done: number;
  /** Too much looked orphaned: nothing was touched. */
  readonly stopped: boolean;
  /** What looked so, in words for a person; empty unless it stopped itself. */
  readonly why: readonly string[];
  /** The passes that ended early, with the reason. */
  readonly failed: readonly string[];
  /** At most `mostFindings`. */
  readonly findings: readonly Finding[];
}

/** What a sweep that nobody asked for leaves in the list of loops. */
export type SweepTick = Omit<HostSweep, 'host' | 'findings'>;

/** What all hosts found. */
export interface Sweep {
  readonly dryRun: boolean;
  readonly stopped: boolean;
  readonly hosts: readonly (Omit<HostSweep, 'findings'> & {
    /** No worker of this host took part. */
    readonly away: boolean;
  })[];
  /** At most `mostFindings`. */
  readonly findings: readonly Finding[];
}

/** A history must stay readable: what is beyond is in the numbers. */
export const mostFindings = 500;
