import type { OperationInput, OperationKind, OperationState } from './operation.ts';

/** Who asks: one run of one operation. */
export interface RunRef {
  readonly operationId: string;
  readonly workspaceId: string;
  readonly runId: string;
}

/** What a run learns when it looks at Postgres. */
export interface Situation {
  readonly superseded: boolean;
  /** A bring-up verb is queued behind this operation. */
  readonly queued: boolean;
  /** The agent of the box of this operation and cycle has registered. */
  readonly online: boolean;
  /** The box crashed before its agent registered; text for people. */
  readonly bootFailure?: string;
}

/** How a run ended, as far as it knows; the rows decide. */
export interface Ending {
  readonly state: Extract<OperationState, 'succeeded' | 'failed' | 'compensated' | 'cancelled' | 'coalesced'>;
  readonly failureCode?: string;
  readonly failureText?: string;
  /** Extra members of the failure event, such as the missing variables. */
  readonly failureFacts?: Readonly<Record<string, unknown>>;
}

export interface Finished {
  readonly state: OperationState;
  readonly outcome: string;
  /** The operation that owns the workspace now and has not begun. */
  readonly next?: OperationInput;
}

/** What a cycle of a bring-up starts with. */
export interface Cycle {
  readonly cycle: number;
  /** Hosts with boxes of this workspace that are not gone: those to settle. */
  readonly hostsToSettle: readonly string[];
  /** Where the new box goes; null when no backend can run one. */
  readonly place: { readonly host: string; readonly backend: string } | null;
  /** How long its agent has to register, in milliseconds. */
  readonly deadlineMs: number;
  readonly runtime: string;
}

/** The operation's rows. Every call is one transaction and may run twice. */
export interface OperationPort {
  /** False when this run may not carry the operation out. */
  beginOperation(run: RunRef): Promise<boolean>;
  lookAtOperation(run: RunRef & { cycle: number }): Promise<Situation>;
  finishOperation(run: RunRef & { kind: OperationKind; ending?: Ending }): Promise<Finished>;
  /** Null when the run no longer owns the workspace. */
  beginCycle(run: RunRef & { cycle: number }): Promise<Cycle | null>;
  /** Makes the credentials of the next box and its ledger row; null when no longer owner. */
  mintBox(run: RunRef & { cycle: number; host: string; backend: string }): Promise<{ boxId: string } | null>;
  /** Boxes still to stop: every one that is not gone, by host. Null when no longer owner. */
  beginSettle(run: RunRef): Promise<{ hostsToSettle: readonly string[] } | null>;
  /** What a delete leaves to do once its boxes are stopped. Null when no longer owner. */
  eraseWorkspace(run: RunRef): Promise<{ purged: boolean } | null>;
  /** One line of the operation's progress; repeating it writes nothing. */
  recordStep(step: { operationId: string; step: string; cycle: number; state: StepState; detail?: string }): Promise<void>;
}

export type StepState = 'begun' | 'done' | 'failed';
