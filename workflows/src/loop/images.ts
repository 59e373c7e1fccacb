/** Which images are to be pulled anew. */
export interface RefreshOrder {
  /** Left out: of every runtime. */
  readonly runtimes?: readonly string[];
  /** Whether workspaces that run an older image are restarted. */
  readonly recreate: boolean;
  /** Who asks. */
  readonly actor: string;
}

/** What became of it, in the words of the wire contract. */
export interface Refreshed {
  /** Names of runtimes. */
  readonly pulled: readonly string[];
  readonly failed: readonly string[];
  /** Names of containers whose workspaces are restarted. */
  readonly recreated: readonly string[];
  /** Why the containers could not be looked at, where they could not. */
  readonly error?: string;
}

/** The same of all hosts together. */
export interface RefreshedEverywhere extends Refreshed {
  /** Hosts without a worker that took part. */
  readonly away: readonly string[];
}
