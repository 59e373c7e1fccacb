import type { BoxPort } from '../box/ports.ts';
import type { OperationKind } from './operation.ts';
import type { OperationPort } from './ports.ts';

/** A function of a port: what a run calls to do one step. */
export type StepCall = keyof OperationPort | keyof BoxPort;

export interface StepSpec {
  /** What the documents call it. */
  readonly step: string;
  /** `rows`: one transaction, run again from the start when its task is. `box`: an activity on the queue of a host. */
  readonly acts: 'rows' | 'box';
  /** The verbs that take this step on some way, failures and hand-overs included. */
  readonly of: readonly OperationKind[];
}

const bringUp = ['provision', 'restart', 'resume', 'wake', 'switch'] as const;
const every = [...bringUp, 'pause', 'hibernate', 'delete'] as const;

/**
 * Every step there is. The crash tests take their cases from here: a port function without a row does not compile, a
 * step without a case fails the build.
 */
export const stepRegistry = {
  beginOperation: { step: 'begin', acts: 'rows', of: every },
  // Whoever is poked in the middle of a step looks as well; that writes nothing, and is no step of its own.
  lookAtOperation: { step: 'await', acts: 'rows', of: bringUp },
  finishOperation: { step: 'finish', acts: 'rows', of: every },
  beginCycle: { step: 'cycle', acts: 'rows', of: bringUp },
  prepareBox: { step: 'prepare', acts: 'box', of: bringUp },
  beginSettle: { step: 'begin settle', acts: 'rows', of: every },
  settleBoxes: { step: 'settle', acts: 'box', of: every },
  oweBoxes: { step: 'owe', acts: 'rows', of: every },
  mintBox: { step: 'mint', acts: 'rows', of: bringUp },
  startBox: { step: 'start', acts: 'box', of: bringUp },
  concludeHibernation: { step: 'conclude', acts: 'rows', of: ['hibernate'] },
  moveProvider: { step: 'move', acts: 'rows', of: ['switch'] },
  moveProviderBack: { step: 'move back', acts: 'rows', of: ['switch'] },
  restoreBeforeSwitch: { step: 'restore', acts: 'rows', of: ['switch'] },
  planErase: { step: 'plan erase', acts: 'rows', of: ['delete'] },
  removeVolumes: { step: 'volumes', acts: 'box', of: ['delete'] },
  eraseWorkspace: { step: 'erase', acts: 'rows', of: ['delete'] },
} as const satisfies Record<StepCall, StepSpec>;

export const stepCalls = Object.keys(stepRegistry) as StepCall[];
