import type { Answer } from '../api/api.ts';
import type { Style } from '../terminal/paint.ts';

export type OperationView = Answer<'GET /operations'>[number];
export type OperationState = OperationView['state'];
export type OperationKind = OperationView['kind'];

const styles: Readonly<Record<OperationState, Style>> = {
  accepted: 'cyan',
  running: 'cyan',
  succeeded: 'green',
  failed: 'red',
  compensated: 'yellow',
  superseded: 'dim',
  coalesced: 'dim',
  cancelled: 'yellow',
};
const kinds: Readonly<Record<OperationKind, true>> = {
  provision: true,
  restart: true,
  pause: true,
  resume: true,
  hibernate: true,
  wake: true,
  switch: true,
  delete: true,
};

export const operationStates = Object.keys(styles) as readonly OperationState[];
export const operationKinds = Object.keys(kinds) as readonly OperationKind[];

/** Colour of a state; none for one that this version does not know. */
export const stateStyle = (state: OperationState): Style | undefined => styles[state];

/** An operation that will never change again. */
export const isEnded = (state: OperationState): boolean => state !== 'accepted' && state !== 'running';
