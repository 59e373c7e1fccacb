import type { OperationKind } from './operation.ts';

/** Verbs a caller can request of a workspace that exists. */
export const requestableKinds = ['restart', 'pause', 'resume', 'hibernate', 'wake', 'switch', 'delete'] as const;
export type RequestableKind = (typeof requestableKinds)[number];

/**
 * What becomes of a request.
 * - `run`: it becomes the owner.
 * - `preempt`: it becomes the owner; what runs and what is queued is superseded.
 * - `queue`: it waits for its turn.
 * - `join`: the running operation already does it; its answer is this request's answer.
 * - `joinInsteadOfQueued`: what is queued is superseded and the running one joined; nothing queued: not found.
 * - `refuse`: conflict, naming the running operation.
 * - `notFound`: the contract's guard answers "not found" in this state.
 * - `impossible`: the guards exclude it; reaching it is a defect.
 */
export type Decision =
  | 'run'
  | 'preempt'
  | 'queue'
  | 'join'
  | 'joinInsteadOfQueued'
  | 'refuse'
  | 'notFound'
  | 'impossible';

const bringUp: Record<RequestableKind, Decision> = {
  restart: 'queue',
  pause: 'preempt',
  resume: 'notFound',
  hibernate: 'notFound',
  wake: 'join',
  switch: 'refuse',
  delete: 'preempt',
};

/** One row for each verb that may be running, and one for none. */
export const intakeMatrix: Record<OperationKind | 'none', Record<RequestableKind, Decision>> = {
  none: { restart: 'run', pause: 'run', resume: 'run', hibernate: 'run', wake: 'run', switch: 'run', delete: 'run' },
  provision: bringUp,
  restart: bringUp,
  resume: bringUp,
  wake: bringUp,
  switch: bringUp,
  pause: {
    restart: 'queue',
    pause: 'joinInsteadOfQueued',
    resume: 'queue',
    hibernate: 'notFound',
    wake: 'impossible',
    switch: 'refuse',
    delete: 'preempt',
  },
  hibernate: {
    restart: 'queue',
    pause: 'preempt',
    resume: 'notFound',
    hibernate: 'notFound',
    wake: 'queue',
    switch: 'refuse',
    delete: 'preempt',
  },
  delete: {
    restart: 'notFound',
    pause: 'notFound',
    resume: 'notFound',
    hibernate: 'notFound',
    wake: 'notFound',
    switch: 'notFound',
    delete: 'join',
  },
};
