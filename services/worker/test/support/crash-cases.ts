import { type StepCall, stepCalls, stepRegistry } from '@holdfast/workflows/operation/step-registry';
import { stories } from './crash-stories.ts';
import type { Story } from './crash-story.ts';
import type { FaultPoint } from './faults.ts';

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

/** Every step of every story, at every point. Those that wait for a host that is away come first: others fill the time. */
export const allCases: readonly CrashCase[] = [
  ...stories.filter(({ hostAway }) => hostAway),
  ...stories.filter(({ hostAway }) => !hostAway),
]
  .flatMap((story): CrashCase[] => [
    { story, call: 'poke', point: 'clientGone' },
    ...story.steps.flatMap((call) => pointsOf(call).map((point) => ({ story, call, point }))),
  ])
  .filter(isPossible);

const kinds = [...new Set(stories.map(({ kind }) => kind))];
const killed = allCases.filter(({ point }) => point === 'killedAfterCommit');

/** One kill for each story, each time at another of its steps; and the steps that this leaves out. */
const aKillEach = stories.flatMap((story, place): CrashCase[] => {
  const own = killed.filter((each) => each.story === story);
  return own.slice(place % own.length, (place % own.length) + 1);
});
const theOtherSteps = stepCalls
  .filter((call) => !aKillEach.some((each) => each.call === call))
  .flatMap((call) => killed.filter((each) => each.call === call).slice(0, 1));

/** Each step once refused before it does anything, or done without anybody hearing of it: by turns, and of turning stories. */
const aFailureEach = stepCalls.flatMap((call, place): CrashCase[] => {
  const point = place % 2 === 0 ? 'beforeEffect' : 'answerLost';
  const all = allCases.filter((each) => each.call === call && each.point === point);
  const quick = all.filter(({ story }) => !story.hostAway);
  const own = quick.length > 0 ? quick : all;
  return own.slice(place % own.length, (place % own.length) + 1);
});

/**
 * Every story and every step once, killed after its commit; every step once more with a failure; the worse points once;
 * and each verb whose client is gone.
 */
export const fixedCases: readonly CrashCase[] = [
  ...aKillEach,
  ...theOtherSteps,
  ...aFailureEach,
  ...stepCalls.flatMap((call) =>
    (['killedInside', 'stoppedInside'] as const).flatMap((point) =>
      allCases.filter((each) => each.call === call && each.point === point).slice(0, 1),
    ),
  ),
  ...kinds.flatMap((kind) =>
    allCases.filter((each) => each.point === 'clientGone' && each.story.kind === kind).slice(0, 1),
  ),
];

/** What a switch alone does, each in another of its stories. */
const theMoves = (['moveProvider', 'moveProviderBack', 'restoreBeforeSwitch'] as const).flatMap((call, place) => {
  const own = killed.filter((each) => each.call === call && !each.story.hostAway);
  return own.slice(place % own.length, (place % own.length) + 1);
});

/** In clouds: a kill at every step of a switch that touches a box or moves it, the worse points, and every other verb once. */
export const cloudCases: readonly CrashCase[] = [
  ...allCases.filter(
    ({ story, call, point }) =>
      story.name === 'a switch' && stepRegistry[call as StepCall]?.acts === 'box' && point === 'killedAfterCommit',
  ),
  ...theMoves,
  ...(['killedInside', 'stoppedInside'] as const).flatMap((point) =>
    stepCalls.flatMap((call) => allCases.filter((each) => each.call === call && each.point === point).slice(0, 1)),
  ),
  ...kinds.flatMap((kind) =>
    aKillEach.filter(({ story }) => kind !== 'switch' && story.kind === kind && !story.hostAway).slice(0, 1),
  ),
];

/** The steps that no case covers for a verb that takes them. */
export const uncovered = (cases: readonly CrashCase[]): string[] =>
  stepCalls.flatMap((call) => {
    const covered = new Set(cases.filter((each) => each.call === call).map(({ story }) => story.kind));
    return stepRegistry[call].of.filter((kind) => !covered.has(kind)).map((kind) => `${kind}: ${call}`);
  });
