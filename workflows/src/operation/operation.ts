/** The verbs. Each is one workflow type; the type is what an operator reads in the Web UI. */
export const operationKinds = [
  'provision',
  'restart',
  'pause',
  'resume',
  'hibernate',
  'wake',
  'switch',
  'delete',
] as const;
export type OperationKind = (typeof operationKinds)[number];

/** Verbs that end with an agent online. */
export const bringUpKinds = [
  'provision',
  'restart',
  'resume',
  'wake',
  'switch',
] as const satisfies readonly OperationKind[];

/** Whether a verb ends with an agent online. */
export const isBringUp = (kind: OperationKind): boolean => (bringUpKinds as readonly OperationKind[]).includes(kind);

/** Queued verbs that the next cycle of a bring-up serves as well. */
export const coalescedKinds = ['provision', 'restart', 'resume', 'wake'] as const satisfies readonly OperationKind[];

export const operationStates = [
  'accepted',
  'running',
  'succeeded',
  'failed',
  'compensated',
  'superseded',
  'coalesced',
  'cancelled',
] as const;
export type OperationState = (typeof operationStates)[number];

export const openStates = ['accepted', 'running'] as const satisfies readonly OperationState[];

/** An operation that will never change again. */
export const isEnded = (state: OperationState): boolean => state !== 'accepted' && state !== 'running';

export const workflowTypes = {
  provision: 'provisionWorkspace',
  restart: 'restartWorkspace',
  pause: 'pauseWorkspace',
  resume: 'resumeWorkspace',
  hibernate: 'hibernateWorkspace',
  wake: 'wakeWorkspace',
  switch: 'switchProvider',
  delete: 'deleteWorkspace',
} as const satisfies Record<OperationKind, string>;

/** The workflow id of a workspace: Temporal runs at most one execution under it, so operations never run side by side. */
export const workflowId = (workspaceId: string): string => `ws:${workspaceId}`;

export const operationsNamespace = 'workspaces';
export const loopsNamespace = 'holdfast-loops';
export const operationsQueue = 'operations';
export const loopsQueue = 'loops';
/** Activities that touch a box run where it is. */
export const hostQueue = (host: string): string => `host.${host}`;

/** "Look at Postgres again." Carries nothing, so losing one costs time and never correctness. */
export const pokeSignal = 'poke';

/** What a run is told. Ids and small facts only: histories are readable by every operator. */
export interface OperationInput {
  readonly operationId: string;
  readonly workspaceId: string;
  readonly orgId: string;
  readonly kind: OperationKind;
  readonly provider: string;
}

/** Durations a run waits for, in milliseconds. They come in as data, so that tests need no patience. */
export interface OperationSettings {
  /** How long requests are gathered before a wait that was cut begins another cycle. */
  readonly gatherMs: number;
  /** How long stopping a box may take before it is owed. */
  readonly settleMs: number;
  /** How long the preparing and the starting of a box may take, attempts included. */
  readonly startMs: number;
  /** How soon a dead worker is noticed. */
  readonly heartbeatMs: number;
}

export const defaultOperationSettings: OperationSettings = {
  gatherMs: 50,
  settleMs: 120_000,
  startMs: 180_000,
  heartbeatMs: 15_000,
};

/** After so many cut cycles an operation ends into the oldest queued one: its history must not grow without bound. */
export const mostCycles = 5;
