/** Tells Temporal that a workspace has something new in Postgres. Losing a poke costs seconds, never correctness. */
export interface WorkspacePoker {
  /** @throws when Temporal cannot be reached; the dispatcher pokes again */
  poke(workspaceId: string): Promise<void>;
}

export interface Poker extends WorkspacePoker {
  /**
   * The same for what was asked for a workspace and those below it, by one execution that pokes them all.
   * @throws when Temporal cannot be reached
   */
  pokeTree(rootId: string): Promise<void>;
}
