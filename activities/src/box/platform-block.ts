import type { BoxSpec } from './backend.ts';

/** Where a box finds its things; differs by backend. */
export interface BoxPaths {
  readonly config: string;
  readonly plugins: string;
  readonly python: string;
}

/** The environment of a box: the platform's block, and over it what the workspace brings. */
export const boxEnvironment = (spec: BoxSpec, paths: BoxPaths): Record<string, string> => ({
  WORKSPACE_ID: spec.workspaceId,
  WORKSPACE_CONFIG_PATH: paths.config,
  PLATFORM_URL: spec.platform.platformUrl,
  MOLECULE_URL: spec.platform.platformUrl,
  TIER: String(spec.tier),
  PLUGINS_DIR: paths.plugins,
  PYTHONPATH: paths.python,
  ...(spec.platform.awareness
    ? { AWARENESS_NAMESPACE: spec.platform.awareness.namespace, AWARENESS_URL: spec.platform.awareness.url }
    : {}),
  ...spec.env,
});
