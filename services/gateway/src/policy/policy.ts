/**
 * Who may call a route.
 * - `none`: everybody; no credential is looked at.
 * - `admin`: operators only: admin token, org token, canvas session.
 * - `workspace`: operators, and the token of the workspace in the path.
 * - `peer`: as `workspace`, and the token of a workspace that may talk to it.
 * - `own`: the token of the workspace in the path and nobody else, not even an operator.
 * - `credential`: any live credential; the handler narrows it down to what the caller may see.
 * - `self`: the handler decides; a credential that is sent is looked up before.
 * - `metrics`: the metrics token, or an operator.
 */
export type Tier = 'none' | 'admin' | 'workspace' | 'peer' | 'own' | 'credential' | 'self' | 'metrics';

/** `standard` counts per minute; `org-mint` has ten an hour on top of it. */
export type RateClass = 'standard' | 'org-mint';

/** What the gateway enforces before a route's handler runs. */
export interface Policy {
  readonly tier: Tier;
  readonly rate: RateClass;
  /** Largest request body, in bytes. */
  readonly bodyLimit: number;
  /** The wire contract's text for a body that is no JSON or has a value of the wrong type. */
  readonly invalidText: string;
  /** The wire contract's text for a failure that nobody meant. */
  readonly failedText: string;
  /** A body that is no JSON counts as none, instead of being refused. */
  readonly lenientBody: boolean;
  /** Text that Postgres cannot keep is mended instead of refused: what an agent says must not be lost for a character. */
  readonly mendText: boolean;
  /** Finished requests are logged at `debug` only: probes and beats would bury everything else. */
  readonly quiet: boolean;
  /** Takes `dry_run`. Where it is not taken it is refused: who asks for a plan must not get the change itself. */
  readonly dryRun: boolean;
  /** Refuses with 409 what the state of a thing does not allow. */
  readonly conflicts: boolean;
}

const MEBIBYTE = 1_048_576;
const usual: Policy = {
  tier: 'admin',
  rate: 'standard',
  bodyLimit: MEBIBYTE,
  invalidText: 'invalid request body',
  failedText: 'internal error',
  lenientBody: false,
  mendText: false,
  quiet: false,
  dryRun: false,
  conflicts: false,
};

/** A row of the table: only what differs from the usual. */
export const may = (tier: Tier, other: Partial<Omit<Policy, 'tier'>> = {}): Policy => ({ ...usual, ...other, tier });

/** What applies where no route matched: nothing to protect, but counted and limited all the same. */
export const unmatched: Policy = may('none');
