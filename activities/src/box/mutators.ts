/** Changes the environment of a box before it starts: adds short-lived credentials, an identity, … */
export interface EnvMutator {
  readonly name: string;
  /** Should swallow passing failures of what it asks; what it throws ends the bring-up. */
  mutate(workspaceId: string, env: Map<string, string>): void | Promise<void>;
}

/** A mutator that threw; the cause is for the worker's log. */
export class MutatorError extends Error {
  constructor(name: string, cause: unknown) {
    super(`the environment mutator "${name}" failed`, { cause });
    this.name = 'MutatorError';
  }
}

/** Applies mutators in the order they were registered in. @throws MutatorError at the first that fails */
export async function mutateEnv(
  mutators: readonly EnvMutator[],
  workspaceId: string,
  env: Map<string, string>,
): Promise<void> {
  for (const mutator of mutators) {
    try {
      await mutator.mutate(workspaceId, env);
    } catch (cause) {
      throw new MutatorError(mutator.name, cause);
    }
  }
}
