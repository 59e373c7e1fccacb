import { Context } from '@temporalio/activity';
import type { BoxPort } from '@holdfast/workflows/box/ports';
import type { BoxBackend } from './backend.ts';
import type { BoxContext } from './box-context.ts';
import { createDispatcher } from './dispatcher.ts';
import { finishOwedBoxes } from './finish-owed.ts';
import { observeHost } from './observe-host.ts';
import { prepareBox } from './prepare-box.ts';
import { beating, type Pulse } from './pulse.ts';
import { removeVolumes } from './remove-volumes.ts';
import { settleBoxes } from './settle-boxes.ts';
import { startBox } from './start-box.ts';

export interface BoxActivities {
  /** The steps of an operation that touch a box. */
  readonly port: BoxPort;
  /** One tick: tries again to stop what this host owes. */
  finishOwed(): Promise<{ gone: number; owed: number }>;
  /** One tick: notes which backends of this host answer. */
  observe(): Promise<void>;
}

export type BoxActivitiesOptions = Omit<BoxContext, 'dispatcher'> & { readonly backends: readonly BoxBackend[] };

/** Everything a worker does with boxes. The steps are activities: each beats while it works, and hears a cancellation. */
export function createBoxActivities({ backends, ...options }: BoxActivitiesOptions): BoxActivities {
  const context: BoxContext = { ...options, dispatcher: createDispatcher(backends) };
  const alive = <T>(work: (pulse: Pulse) => Promise<T>): Promise<T> => {
    const activity = Context.current();
    const pulse: Pulse = { signal: activity.cancellationSignal, beat: () => activity.heartbeat() };
    return beating(pulse, context.settings.beatMs, () => work(pulse));
  };
  return {
    port: {
      prepareBox: (order) => alive((pulse) => prepareBox(context, order, pulse)),
      startBox: (order) => alive((pulse) => startBox(context, order, pulse)),
      settleBoxes: (order) => alive((pulse) => settleBoxes(context, order, pulse)),
      removeVolumes: (order) => alive(() => removeVolumes(context, order)),
    },
    finishOwed: () => finishOwedBoxes(context),
    async observe() {
      await observeHost(context);
    },
  };
}
