export const boxStates = ['creating', 'running', 'stopping', 'gone', 'owed'] as const;
export type BoxState = (typeof boxStates)[number];

export const backendKinds = ['docker', 'control-plane', 'process'] as const;
export type BackendKind = (typeof backendKinds)[number];
