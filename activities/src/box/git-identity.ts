/** Who an agent's commits are by. Nothing for a blank name. */
export function gitIdentity(workspaceName: string): Record<string, string> {
  const name = workspaceName.trim();
  if (name === '') return {};
  const author = `Molecule AI ${name}`;
  // A name without any letter or digit of the address alphabet still needs an address.
  const slug =
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '') || 'agent';
  const email = `${slug}@agents.moleculesai.app`;
  return { GIT_AUTHOR_NAME: author, GIT_COMMITTER_NAME: author, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_EMAIL: email };
}
