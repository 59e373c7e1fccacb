import type { OperationKind } from '@holdfast/workflows/operation/operation';
import type { StepCall } from '@holdfast/workflows/operation/step-registry';

/**
 * How a workspace is when the story begins. `starting`: its first bring-up waits for an agent that says nothing.
 * `restarting`, `switching`: the same of a restart or a switch, after it was online.
 */
export type Before = 'new' | 'online' | 'starting' | 'restarting' | 'switching' | 'paused' | 'hibernated';
/** What is asked for. A cancel is of the operation that runs; `agents speak` is of all boxes but those there are. */
export type Ask =
  | 'restart'
  | 'pause'
  | 'resume'
  | 'hibernate'
  | 'wake'
  | 'switch'
  | 'delete'
  | 'purge'
  | 'collapse'
  | 'cancel'
  | 'agents speak';

/** One way an operation can go, and what it must come to whatever goes wrong on that way. */
export interface Story {
  readonly name: string;
  readonly kind: OperationKind;
  readonly before: Before;
  /** In one go, before anybody is poked. */
  readonly asks: readonly Ask[];
  /** The steps of this way, in order. */
  readonly steps: readonly StepCall[];
  readonly refusedStart?: true;
  /** The host of the box to stop has no worker while it runs; where there is none, an earlier operation has left one. */
  readonly hostAway?: true;
  /** The workspace has a parent, online like itself, that everything is asked of: this one is a member. */
  readonly tree?: true;
  /** The workspace is on a cloud. */
  readonly cloud?: true;
  /** Which operation the story is about: the one asked for last, or the one that was running. */
  readonly about?: 'running';
  readonly state: 'succeeded' | 'failed' | 'cancelled' | 'compensated';
  /** Null: the row is gone. */
  readonly status: 'online' | 'failed' | 'paused' | 'hibernated' | 'removed' | null;
  readonly boxes: 0 | 1;
  readonly events: readonly string[];
}

export const provisioning = 'WORKSPACE_PROVISIONING';
export const failed = 'WORKSPACE_PROVISION_FAILED';
export const removed = 'WORKSPACE_REMOVED';
export const paused = 'WORKSPACE_PAUSED';
export const online = [provisioning, 'WORKSPACE_ONLINE'] as const;

export const settle = ['beginSettle', 'settleBoxes'] as const;
export const stop = ['beginOperation', ...settle, 'finishOperation'] as const;

/** A bring-up with what comes between its preparation and its new box. */
export const bringUp = (between: readonly StepCall[]): readonly StepCall[] => [
  'beginOperation',
  'beginCycle',
  'prepareBox',
  ...between,
  'mintBox',
  'startBox',
  'lookAtOperation',
  'finishOperation',
];
