import type { LiveLine } from '../terminal/live-line.ts';
import type { Paint } from '../terminal/paint.ts';
import { padEnd, padStart, printable } from '../terminal/text.ts';
import { between, duration } from '../terminal/time.ts';
import type { StepView } from './follow.ts';

/** Widest names of steps and durations as they are printed. */
const STEP_WIDTH = 8;
const TIME_WIDTH = 7;

/** The step of a switch that undoes it. */
const MOVE_BACK = 'move back';

/** What a person reads while a step runs. */
const doing: Readonly<Record<string, string>> = {
  prepare: 'preparing the box',
  settle: 'stopping boxes',
  mint: 'making credentials',
  start: 'starting the box',
  volumes: 'removing volumes',
};

/** Tells the steps of an operation as they come: one line that lives, and one that stays for each that is over. */
export class Progress {
  private readonly live: LiveLine;
  private readonly paint: Paint;
  private readonly begun = new Map<string, StepView>();
  private isGoingBack = false;

  constructor(live: LiveLine, paint: Paint) {
    this.live = live;
    this.paint = paint;
  }

  tell(step: StepView): void {
    if (step.state === 'begun') this.begin(step);
    // "begin" takes no time, and "finish" is told by the outcome.
    else if (step.step !== 'begin' && step.step !== 'finish') this.end(step);
  }

  private begin(step: StepView): void {
    this.begun.set(keyOf(step), step);
    if (step.step === 'cycle') {
      const why = this.isGoingBack ? 'back to where it was' : 'another request came in meanwhile';
      if (step.cycle > 1) this.live.keep(this.paint('dim', `↻ cycle ${step.cycle}: ${why}`));
      return;
    }
    this.live.show(printable([doing[step.step] ?? step.step, step.detail ?? ''].join(' ').trim()));
  }

  private end(step: StepView): void {
    if (step.step === MOVE_BACK) this.isGoingBack = true;
    const begun = this.begun.get(keyOf(step));
    const took = between(begun?.at, step.at);
    const failed = step.state === 'failed';
    const mark = failed ? this.paint('red', '✗') : this.paint('green', '✓');
    const time = this.paint('dim', padStart(took === undefined ? '' : duration(took), TIME_WIDTH));
    const detail = printable(step.detail ?? begun?.detail ?? '');
    this.live.keep(
      `${mark} ${padEnd(printable(step.step), STEP_WIDTH)} ${time}  ${failed ? this.paint('red', detail) : this.paint('dim', detail)}`.trimEnd(),
    );
    // Nothing is recorded between the start of the box and the end: the operation waits for the agent.
    if (step.step === 'start' && !failed) this.live.show('waiting for the agent to register');
  }
}

const keyOf = ({ step, cycle }: StepView): string => `${cycle} ${step}`;
