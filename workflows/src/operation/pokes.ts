import { defineSignal, setHandler, workflowInfo } from '@temporalio/workflow';
import { pokeSignal } from './operation.ts';

/** A new execution comes with a poke that says no more than what it begins with; one that follows another does not. */
const POKES_THAT_START = 1;

/**
 * The pokes of an execution that nothing has answered yet. Each is answered by one look at the rows, and only where the
 * execution waits: of a workflow task that took the server too long, Temporal replays the signals that came meanwhile
 * before everything else, and then the same calls must follow in the same order.
 */
export class Pokes {
  private open = workflowInfo().continuedFromExecutionRunId === undefined ? -POKES_THAT_START : 0;

  constructor() {
    setHandler(defineSignal(pokeSignal), () => {
      this.open += 1;
    });
  }

  get waiting(): boolean {
    return this.open > 0;
  }

  /** Takes one to answer; false when there is none. */
  take(): boolean {
    if (!this.waiting) return false;
    this.open -= 1;
    return true;
  }
}
