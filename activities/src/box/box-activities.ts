import { Context } from '@temporalio/activity';
import type { BoxPort } from '@holdfast/workflows/box/ports';
import type { HostLoopPort } from '@holdfast/workflows/loop/ports';
import type { BoxContext } from './box-context.ts';
import { finishOwedBoxes } from './finish-owed.ts';
import { prepareBox } from './prepare-box.ts';
import { beating, type Pulse } from './pulse.ts';
import { removeVolumes } from './remove-volumes.ts';
import { settleBoxes } from './settle-boxes.ts';
import { startBox } from './start-box.ts';

/** The steps that touch a box, as activities: one function a file, each beating while it works. */
export function boxActivities(context: BoxContext): BoxPort {
  const alive = <T>(work: (pulse: Pulse) => Promise<T>): Promise<T> => {
    const activity = Context.current();
    const pulse: Pulse = { signal: activity.cancellationSignal, beat: () => activity.heartbeat() };
    return beating(pulse, context.settings.beatMs, () => work(pulse));
  };
  return {
    prepareBox: (order) => alive((pulse) => prepareBox(context, order, pulse)),
    startBox: (order) => alive((pulse) => startBox(context, order, pulse)),
    settleBoxes: (order) => alive((pulse) => settleBoxes(context, order, pulse)),
    removeVolumes: (order) => alive(() => removeVolumes(context, order)),
  };
}

/** The ticks that touch boxes. */
export const boxLoops = (context: BoxContext): HostLoopPort => ({ finishOwedBoxes: () => finishOwedBoxes(context) });
