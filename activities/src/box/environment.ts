import { type EnvMutator, mutateEnv } from './mutators.ts';
import { gitIdentity } from './git-identity.ts';

/** What the environment of a box is made of, besides its secrets. */
export interface EnvironmentFacts {
  readonly workspaceId: string;
  readonly name: string;
  readonly runtime: string;
  readonly role: string | null;
  readonly parentId: string | null;
  /** The model the workspace was created with. */
  readonly model: string | null;
  /** It is being made, and no box of it has run yet. */
  readonly firstProvision: boolean;
}

/**
 * The environment a workspace brings: its secrets, which identity only fills up, then what the platform knows of it,
 * then the mutators, which may change anything.
 * @param secrets global ones already overridden by the workspace's own
 * @throws MutatorError
 */
export async function workspaceEnvironment(
  secrets: ReadonlyMap<string, string>,
  facts: EnvironmentFacts,
  mutators: readonly EnvMutator[],
): Promise<Map<string, string>> {
  const env = new Map(secrets);
  for (const [name, value] of Object.entries(gitIdentity(facts.name))) if (!env.has(name)) env.set(name, value);
  const model = modelOf(facts, env.get('MODEL_PROVIDER'));
  if (facts.runtime === 'hermes' && model) env.set('HERMES_DEFAULT_MODEL', model);
  if (facts.role) env.set('MOLECULE_AGENT_ROLE', facts.role);
  if (facts.parentId) env.set('PARENT_ID', facts.parentId);
  await mutateEnv(mutators, facts.workspaceId, env);
  return env;
}

/** The model of the create wins at first; once the agent has run, one that was set since is newer. */
function modelOf({ model, firstProvision }: EnvironmentFacts, set: string | undefined): string | undefined {
  const [first, second] = firstProvision ? [model, set] : [set, model];
  return first || second || undefined;
}
