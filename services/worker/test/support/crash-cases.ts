import type { OperationKind } from '@holdfast/workflows/operation/operation';
import { type StepCall, stepCalls, stepRegistry } from '@holdfast/workflows/operation/step-registry';
import type { FaultPoint } from './faults.ts';

/** One way an operation can go, and what it must come to whatever goes wrong on that way. */
export interface Story {
  readonly name: string;
  readonly kind: 'provision' | 'delete';
  /** The steps of this way, in order. */
  readonly steps: readonly StepCall[];
  readonly refusedStart?: true;
  readonly muteAgent?: true;
  readonly purge?: true;
  /** The host of the box to stop has no worker while it runs. */
  readonly hostAway?: true;
  readonly state: 'succeeded' | 'failed';
  /** Null: the row is gone. */
  readonly status: 'online' | 'failed' | 'removed' | null;
  readonly boxes: 0 | 1;
  readonly events: readonly string[];
}

const online = ['WORKSPACE_PROVISIONING', 'WORKSPACE_ONLINE'] as const;
const removal = [
  'beginOperation',
  'beginSettle',
  'settleBoxes',
  'planErase',
  'removeVolumes',
  'eraseWorkspace',
  'finishOperation',
] as const;

export const stories: readonly Story[] = [
  {
    name: 'a provision',
    kind: 'provision',
    steps: ['beginOperation', 'beginCycle', 'prepareBox', 'mintBox', 'startBox', 'lookAtOperation', 'finishOperation'],
    state: 'succeeded',
    status: 'online',
    boxes: 1,
    events: online,
  },
  {
    name: 'a provision that is refused and undone',
    kind: 'provision',
    steps: ['startBox', 'beginSettle', 'settleBoxes', 'finishOperation'],
    refusedStart: true,
    state: 'failed',
    status: 'failed',
    boxes: 0,
    events: ['WORKSPACE_PROVISIONING', 'WORKSPACE_PROVISION_FAILED'],
  },
  {
    name: 'a provision with a box to stop on a host that is away',
    kind: 'provision',
    steps: ['beginSettle', 'oweBoxes', 'mintBox', 'finishOperation'],
    hostAway: true,
    state: 'succeeded',
    status: 'online',
    boxes: 1,
    events: online,
  },
  {
    name: 'a delete',
    kind: 'delete',
    steps: removal,
    state: 'succeeded',
    status: 'removed',
    boxes: 0,
    events: [...online, 'WORKSPACE_REMOVED'],
  },
  {
    name: 'a purge',
    kind: 'delete',
    steps: removal,
    purge: true,
    state: 'succeeded',
    status: null,
    boxes: 0,
    events: [...online, 'WORKSPACE_REMOVED'],
  },
  {
    name: 'a delete of a provision under way',
    kind: 'delete',
    steps: ['lookAtOperation', 'finishOperation', 'beginOperation', 'beginSettle', 'settleBoxes', 'eraseWorkspace'],
    muteAgent: true,
    state: 'succeeded',
    status: 'removed',
    boxes: 0,
    events: ['WORKSPACE_PROVISIONING', 'WORKSPACE_REMOVED'],
  },
  {
    name: 'a delete whose host is away',
    kind: 'delete',
    steps: ['beginSettle', 'oweBoxes', 'planErase', 'finishOperation'],
    hostAway: true,
    state: 'failed',
    status: 'removed',
    boxes: 0,
    events: [...online, 'WORKSPACE_REMOVED'],
  },
];

export interface CrashCase {
  readonly story: Story;
  readonly call: StepCall | 'poke';
  /** `clientGone`: who asked died between its commit and its poke. */
  readonly point: FaultPoint | 'clientGone';
}

const atRows: readonly FaultPoint[] = ['beforeEffect', 'answerLost', 'killedAfterCommit'];
const inside: Partial<Record<StepCall, readonly FaultPoint[]>> = {
  startBox: ['killedInside', 'stoppedInside'],
  settleBoxes: ['killedInside'],
};
const pointsOf = (call: StepCall): readonly FaultPoint[] => [...atRows, ...(inside[call] ?? [])];

/** A refused start has no effect inside of which a worker could die. */
const isPossible = ({ story, call, point }: CrashCase): boolean =>
  !(story.refusedStart && call === 'startBox' && point !== 'beforeEffect');

/** Every step of every story, at every point. */
export const allCases: readonly CrashCase[] = stories
  .flatMap((story): CrashCase[] => [
    { story, call: 'poke', point: 'clientGone' },
    ...story.steps.flatMap((call) => pointsOf(call).map((point) => ({ story, call, point }))),
  ])
  .filter(isPossible);

/** Every step once, at its worst points, and each kind of request whose client is gone. */
export const fixedCases: readonly CrashCase[] = [
  ...stepCalls.flatMap((call) =>
    (['killedAfterCommit', 'killedInside', 'stoppedInside'] as const).flatMap((point) =>
      allCases.filter((each) => each.call === call && each.point === point).slice(0, 1),
    ),
  ),
  ...(['provision', 'delete'] as const).flatMap((kind) =>
    allCases.filter((each) => each.point === 'clientGone' && each.story.kind === kind).slice(0, 1),
  ),
];

/** The steps that no case covers for a verb that takes them. */
export const uncovered = (cases: readonly CrashCase[]): string[] =>
  stepCalls.flatMap((call) => {
    const covered = new Set<OperationKind>(cases.filter((each) => each.call === call).map(({ story }) => story.kind));
    return stepRegistry[call].of.filter((kind) => !covered.has(kind)).map((kind) => `${kind}: ${call}`);
  });
