export const boxStates = ['creating', 'running', 'stopping', 'gone', 'owed'] as const;
export type BoxState = (typeof boxStates)[number];

const backendKinds = ['docker', 'control-plane', 'process'] as const;
export type BackendKind = (typeof backendKinds)[number];

/** The clouds behind a control plane. */
export const cloudProviders = ['aws', 'gcp', 'hetzner'] as const;
export type CloudProvider = (typeof cloudProviders)[number];

export const isCloudProvider = (name: string): name is CloudProvider => cloudProviders.some((known) => known === name);
