/** What the environment says about where the platform runs; decides which addresses an agent may have. */
export interface DeployMode {
  readonly saas: boolean;
  readonly dev: boolean;
  /** A value that was not understood, in words for the log. */
  readonly warning?: string;
}

export interface DeployFacts {
  /** `MOLECULE_DEPLOY_MODE` */
  readonly deployMode?: string | undefined;
  /** `MOLECULE_ORG_ID` */
  readonly orgId?: string | undefined;
  /** `MOLECULE_ENV` */
  readonly environment?: string | undefined;
}

const selfHosted = ['self-hosted', 'selfhosted', 'standalone'];

/** Reads the mode. A deploy mode nobody knows is strict, never open: a typing error must not widen what is allowed. */
export function deployModeOf(facts: DeployFacts): DeployMode {
  const named = facts.deployMode?.trim().toLowerCase() ?? '';
  const dev = ['development', 'dev'].includes(facts.environment?.trim().toLowerCase() ?? '');
  if (named === '') return { saas: (facts.orgId?.trim() ?? '') !== '', dev };
  if (named === 'saas') return { saas: true, dev };
  if (selfHosted.includes(named)) return { saas: false, dev };
  const warning = `MOLECULE_DEPLOY_MODE is "${facts.deployMode}", which is none of saas, ${selfHosted.join(', ')}: treated as self-hosted`;
  return { saas: false, dev, warning };
}
